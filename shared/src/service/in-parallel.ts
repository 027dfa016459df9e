/**
 * Runs `work` on every item, at most `limit` at a time. After the first failure nothing new begins, and it is thrown
 * when what was under way has ended.
 * @returns the results in the order of the items
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = new Array<Result>(items.length);
  const entries = items.entries();
  let failure: { error: unknown } | undefined;
  async function worker(): Promise<void> {
    // The workers share one iterator, so each item is taken once.
    for (const [i, item] of entries) {
      if (failure) return;
      try {
        results[i] = await work(item, i);
      } catch (error) {
        failure ??= { error };
        return;
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (failure) throw failure.error;
  return results;
}
