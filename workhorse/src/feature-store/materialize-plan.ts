import type { Watermark } from "@marquee/shared/backing/online-store/online-store";

/** More of them at once than runs that were stopped one after the other; then all is written anew. */
const MAX_SOURCES = 3;
/** Before the moment of a dataset of which everything was written: what is older and of no dataset still lies there. */
const OLDER_THAN = "older-than-";

/** What is to be online: a dataset, and the moment it speaks for. */
export interface Target {
  hash: string;
  at: Date;
}

/**
 * How views that are written together come to the target.
 *   full     every value written, what is older retired
 *   changes  what differs from any of the datasets that lie there now written, what is gone removed
 *   retire   everything was written, and only what is older is still to be retired
 *   confirm  as `changes`, of nothing
 *   done     an earlier run has done it
 *   ahead    a later dataset lies there; its values stay
 */
export type MaterializePlan =
  | { mode: "full" | "retire" | "confirm" | "done" | "ahead" }
  | { mode: "changes"; sources: readonly string[] };

/**
 * @param watermarks of the views; undefined: the view has none
 * @param mode `full` even where changes would do
 */
export function materializePlan(
  watermarks: readonly (Watermark | undefined)[],
  target: Target,
  mode: "incremental" | "full",
): MaterializePlan {
  const { hash, at } = target;
  const known = watermarks.filter((watermark) => watermark !== undefined);
  if (known.some((watermark) => watermark.at > at)) return { mode: "ahead" };
  if (mode === "full" || known.length < watermarks.length) return { mode: "full" };
  const sources = [...new Set(known.flatMap(({ source, underway = [] }) => [source, ...underway]))].filter(
    (source) => source !== hash,
  );
  if (sources.join() === olderThan(target)) return { mode: "retire" };
  const unknown = sources.some((source) => source.startsWith(OLDER_THAN));
  if (unknown || sources.length > MAX_SOURCES) return { mode: "full" };
  if (sources.length > 0) return { mode: "changes", sources };
  const sameMoment = known.every((watermark) => watermark.at.getTime() === at.getTime());
  return { mode: sameMoment ? "done" : "confirm" };
}

/**
 * The watermark of views of which everything was written and nothing retired yet. Its moment stays what it was: what has
 * been written has one of its own, and what is to be retired must not look as young.
 */
export function writtenWatermark(before: Watermark | undefined, target: Target): Watermark {
  return { at: before?.at ?? target.at, source: target.hash, underway: [olderThan(target)] };
}

function olderThan({ at }: Target): string {
  return `${OLDER_THAN}${at.getTime()}`;
}

/**
 * The watermark to set before the first value is written: as it was, and saying what may lie there from now on. Of the
 * dataset that lies there nothing new may.
 */
export function begunWatermark(watermark: Watermark, { hash }: Pick<Target, "hash">): Watermark {
  if (watermark.source === hash) return watermark;
  return { ...watermark, underway: [...new Set([...(watermark.underway ?? []), hash])] };
}

/** The datasets that a value may be of, beside the watermark's source. */
export function datasetsUnderway({ underway = [] }: Watermark): string[] {
  return underway.filter((begun) => !begun.startsWith(OLDER_THAN));
}
