import type { Watermark } from "@marquee/shared/backing/online-store/online-store";

/** More of them at once than runs that were stopped one after the other; then all is written anew. */
const MAX_SOURCES = 3;
/** Before the hash of a dataset of which some rows were written: no dataset is called so. */
const PART_OF = "part-of-";
/** Beside a dataset of which everything was written: what no dataset has any more still lies there. */
const OLDER = "older";

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
  { hash, at }: Target,
  mode: "incremental" | "full",
): MaterializePlan {
  const known = watermarks.filter((watermark) => watermark !== undefined);
  if (known.some((watermark) => watermark.at > at)) return { mode: "ahead" };
  if (mode === "full" || known.length < watermarks.length) return { mode: "full" };
  const sources = [...new Set(known.flatMap(({ source, underway = [] }) => [source, ...underway]))].filter(
    (source) => source !== hash,
  );
  const sameMoment = known.every((watermark) => watermark.at.getTime() === at.getTime());
  if (sources.join() === OLDER && sameMoment) return { mode: "retire" };
  const unknown = sources.some((source) => source === OLDER || source.startsWith(PART_OF));
  if (unknown || sources.length > MAX_SOURCES) return { mode: "full" };
  if (sources.length > 0) return { mode: "changes", sources };
  return { mode: sameMoment ? "done" : "confirm" };
}

/** The watermark of views of which everything was written and nothing retired yet. */
export function writtenWatermark({ hash, at }: Target): Watermark {
  return { at, source: hash, underway: [OLDER] };
}

/**
 * The watermark to set before the first value is written: as it was, and saying what may lie there from now on.
 * @param part true where older rows are written than the dataset's latest, so that they are of no dataset's whole
 */
export function begunWatermark(watermark: Watermark, { hash }: Pick<Target, "hash">, part = false): Watermark {
  const begun = part ? `${PART_OF}${hash}` : hash;
  return { ...watermark, underway: [...new Set([...(watermark.underway ?? []), begun])] };
}
