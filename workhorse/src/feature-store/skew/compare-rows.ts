import type { OnlineRead, OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import { decodeFeatureRow, type FeatureRow, onlineRowKey } from "@marquee/shared/features/feature-row";
import type { ViewSchema } from "@marquee/shared/features/feature-view";
import { isMarqueeError } from "@marquee/shared/service/errors";
import { differencesOf, type SkewFindings } from "./skew-findings.ts";

/** Keys that are read at a time. */
const KEYS_PER_READ = 500;

export interface CompareRowsOptions {
  online: OnlineStore;
  view: ViewSchema;
  /** By film, as the dataset that the view's watermark names has them. */
  rows: ReadonlyMap<number, FeatureRow>;
  /** The same films in each dataset that a materialisation has begun to write over it. */
  later: readonly ReadonlyMap<number, FeatureRow>[];
  findings: SkewFindings;
}

/** Holds what lies online of a view against the offline rows, bit for bit. */
export async function compareRows({ online, view, rows, later, findings }: CompareRowsOptions): Promise<void> {
  const ids = [...rows.keys()];
  for (let i = 0; i < ids.length; i += KEYS_PER_READ) {
    const chunk = ids.slice(i, i + KEYS_PER_READ);
    const reads = await online.read(chunk.map((id) => onlineRowKey(view, id)));
    chunk.forEach((id, j) => {
      const offline = rows.get(id);
      const right = [offline, ...later.map((dataset) => dataset.get(id))];
      if (offline) compareRow({ view, findings }, id, offline, right, reads[j] ?? { status: "missing" });
    });
  }
}

/** @param right what may lie there; undefined: a dataset under way that does not have the film, so that nothing may */
function compareRow(
  { view, findings }: Pick<CompareRowsOptions, "view" | "findings">,
  tmdbId: number,
  offline: FeatureRow,
  right: readonly (FeatureRow | undefined)[],
  read: OnlineRead,
): void {
  if (read.status === "missing" && right.includes(undefined)) return;
  const online = read.status === "missing" ? undefined : decoded(view, read.value);
  if (online === undefined) {
    const problem = read.status === "missing" ? "missing online" : "unreadable online";
    findings.note(problem, view, "*", { tmdbId, offline: null, online: null });
    return;
  }
  if (right.some((row) => row && differencesOf(view, row, online).length === 0)) return;
  for (const { column, ...values } of differencesOf(view, offline, online)) {
    findings.note("differs online", view, column, { tmdbId, ...values });
  }
}

function decoded(view: ViewSchema, bytes: Uint8Array): FeatureRow | undefined {
  try {
    return decodeFeatureRow(view, bytes);
  } catch (error) {
    if (isMarqueeError(error, "FEATURE_ROW_INVALID")) return undefined;
    throw error;
  }
}
