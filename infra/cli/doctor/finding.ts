export interface Finding {
  name: string;
  /** `note`: nothing is wrong, but it is good to know. */
  state: "ok" | "note" | "wrong";
  text: string;
}

/** What one check has to say. */
export type Verdict = Omit<Finding, "name">;

export const ok = (text: string): Verdict => ({ state: "ok", text });
export const note = (text: string): Verdict => ({ state: "note", text });
export const wrong = (text: string): Verdict => ({ state: "wrong", text });
