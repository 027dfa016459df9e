import type { OnlineStore, Watermark } from "@marquee/shared/backing/online-store/online-store";
import type { FeatureRow } from "@marquee/shared/features/feature-row";
import { type FeatureView, viewKey } from "@marquee/shared/features/feature-view";
import { isMarqueeError } from "@marquee/shared/service/errors";
import type { OfflineDataset } from "../../offline-store/offline-store.ts";
import { checkedViews } from "../leaks/compute-films.ts";
import { datasetsUnderway } from "../materialize-plan.ts";
import { compareOnDemand, ON_DEMAND_SOURCES } from "./compare-on-demand.ts";
import { compareRows } from "./compare-rows.ts";
import { type RowSample, rowsOf, sampleRows } from "./sample-rows.ts";
import { createSkewFindings, type SkewFinding } from "./skew-findings.ts";

export interface SkewCheckOptions {
  online: OnlineStore;
  open(hash: string): Promise<OfflineDataset>;
  views: readonly FeatureView[];
  sample: RowSample;
  /** Called after each view. */
  onView?: (done: number, total: number) => void;
}

export interface SkewReport {
  /** That were compared. */
  films: number;
  /** Of each film. */
  columns: number;
  /** Films that were computed on demand as well; none while a materialisation is on its way. */
  onDemand: number;
  /** The dataset that the first of the views was compared with; null where none was. */
  dataset: string | null;
  /** Views that could not be compared, and why. */
  unchecked: { view: string; reason: string }[];
  findings: SkewFinding[];
}

/** A view that still moves on after so many tries is left for the next check. */
const TRIES = 3;

/** What of a view was compared. */
interface ComparedView {
  view: FeatureView;
  source: string;
  rows: ReadonlyMap<number, FeatureRow>;
  findings: SkewFinding[];
}

/**
 * Whether serving sees what training has seen, on a sample of films: each view's online value against the row of the
 * dataset that its watermark names, and what is computed on demand from the facts and records online against the same
 * row; all bit for bit. A view that is materialised anew meanwhile is read again, and what a materialisation has begun to
 * write is as right as what it writes over.
 */
export async function checkSkew(options: SkewCheckOptions): Promise<SkewReport> {
  const { views, onView, open } = options;
  const datasets = new Map<string, Promise<OfflineDataset>>();
  const opened: SkewCheckOptions = {
    ...options,
    open: (hash) => {
      const dataset = datasets.get(hash) ?? open(hash);
      datasets.set(hash, dataset);
      return dataset;
    },
  };
  try {
    const compared: ComparedView[] = [];
    const unchecked: SkewReport["unchecked"] = [];
    for (const [i, view] of views.entries()) {
      const result = await compareView(opened, view);
      if ("reason" in result) unchecked.push({ view: viewKey(view), reason: result.reason });
      else compared.push(result);
      onView?.(i + 1, views.length);
    }
    const onDemand = await compareFilmsOnDemand(opened, compared);
    return {
      films: Math.max(0, ...compared.map(({ rows }) => rows.size)),
      columns: compared.reduce((sum, { view }) => sum + view.columns.length, 0),
      onDemand: onDemand.films,
      dataset: compared[0]?.source ?? null,
      unchecked,
      findings: [...compared.flatMap(({ findings }) => findings), ...onDemand.findings],
    };
  } finally {
    for (const dataset of datasets.values()) await closeQuietly(dataset);
  }
}

async function compareView(options: SkewCheckOptions, view: FeatureView): Promise<ComparedView | { reason: string }> {
  const { online, open, sample } = options;
  for (let tries = 0; tries < TRIES; tries++) {
    const watermark = (await online.watermarks()).get(viewKey(view));
    if (!watermark) return { reason: "it was never materialised" };
    const { source } = watermark;
    const underway = datasetsUnderway(watermark);
    try {
      const rows = await sampleRows(await open(source), view, sample);
      const later = await laterRows(options, view, underway, rows);
      const findings = createSkewFindings();
      await compareRows({ online, view, rows, later, findings });
      const after = (await online.watermarks()).get(viewKey(view));
      if (isSameContent(watermark, after)) return { view, source, rows, findings: findings.list() };
    } catch (error) {
      const told = [source, ...underway].join(", then ");
      if (isMarqueeError(error, "DATASET_UNKNOWN"))
        return { reason: `what lies there is of ${told}, which is not kept` };
      if (isMarqueeError(error, "FEATURE_UNKNOWN")) return { reason: `${told} has it in another form` };
      throw error;
    }
  }
  return { reason: "it was materialised anew all the while" };
}

/** The same films in each dataset that a materialisation has begun to write. */
async function laterRows(
  { open }: SkewCheckOptions,
  view: FeatureView,
  underway: readonly string[],
  rows: ReadonlyMap<number, FeatureRow>,
): Promise<ReadonlyMap<number, FeatureRow>[]> {
  const later: ReadonlyMap<number, FeatureRow>[] = [];
  for (const hash of underway) later.push(await rowsOf(await open(hash), view, (id) => rows.has(id)));
  return later;
}

/** Whether what may lie there is still the same. */
function isSameContent(before: Watermark, after: Watermark | undefined): boolean {
  return after?.source === before.source && after.underway?.join() === before.underway?.join();
}

/** Only where rows, facts and records are all of one dataset: otherwise they may be of different days, rightly. */
async function compareFilmsOnDemand(
  { online }: SkewCheckOptions,
  compared: readonly ComparedView[],
): Promise<{ films: number; findings: SkewFinding[] }> {
  const none = { films: 0, findings: [] };
  const computed = new Set(checkedViews(compared.map(({ view }) => view)));
  const views = compared.filter(({ view }) => computed.has(view));
  const names = [...ON_DEMAND_SOURCES, ...views.map(({ view }) => viewKey(view))];
  const [source] = views.map((one) => one.source);
  if (source === undefined || !(await areWholly(online, names, source))) return none;
  const findings = createSkewFindings();
  const ids = new Set(views.flatMap(({ rows }) => [...rows.keys()]));
  for (const tmdbId of ids) await compareOnDemand({ online, tmdbId, rows: rowsOfFilm(views, tmdbId), findings });
  return (await areWholly(online, names, source)) ? { films: ids.size, findings: findings.list() } : none;
}

function rowsOfFilm(views: readonly ComparedView[], tmdbId: number): Map<FeatureView, FeatureRow> {
  return new Map(
    views.flatMap(({ view, rows }): [FeatureView, FeatureRow][] => {
      const row = rows.get(tmdbId);
      return row ? [[view, row]] : [];
    }),
  );
}

/** Whether all that lies online of these views is of this dataset. */
async function areWholly(online: OnlineStore, views: readonly string[], source: string): Promise<boolean> {
  const watermarks = await online.watermarks();
  return views.every((view) => {
    const watermark = watermarks.get(view);
    return watermark?.source === source && (watermark.underway ?? []).length === 0;
  });
}

/** What could not be opened has said so to whoever asked for it. */
async function closeQuietly(dataset: Promise<OfflineDataset>): Promise<void> {
  const opened = await dataset.catch(() => undefined);
  await opened?.close();
}
