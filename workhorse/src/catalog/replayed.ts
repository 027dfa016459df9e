/** What was tried again: rows, and how many of them have left the quarantine. */
export interface Replayed {
  tried: number;
  passed: number;
}
