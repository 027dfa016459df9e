import type { Watermark } from "./online-store.ts";

/**
 * A view's watermark from its copies on the nodes of a cluster. The oldest holds, with the sources of all others as what
 * may lie there beside: a node that was put back to an older state, or was not reached by the last confirmation.
 * @returns undefined where a copy is missing: its node has lost the values, too
 */
export function mergeWatermarks(copies: readonly (Watermark | undefined)[]): Watermark | undefined {
  let oldest: Watermark | undefined;
  const sources = new Set<string>();
  for (const copy of copies) {
    if (copy === undefined) return undefined;
    if (oldest === undefined || copy.at < oldest.at) oldest = copy;
    for (const source of [copy.source, ...(copy.underway ?? [])]) sources.add(source);
  }
  if (oldest === undefined) return undefined;
  const { at, source } = oldest;
  const underway = [...sources].filter((other) => other !== source);
  return underway.length > 0 ? { at, source, underway } : { at, source };
}
