import { CLOCKS_APART_MS, type OnlineStore, type Watermark } from "@marquee/shared/backing/online-store/online-store";
import type { TaskResult } from "@marquee/shared/contracts/tasks";
import { type ViewSchema, viewKey } from "@marquee/shared/features/feature-view";
import { isMarqueeError, MarqueeError } from "@marquee/shared/service/errors";
import type { OfflineDataset, OfflineStore, TimeRange } from "../offline-store/offline-store.ts";
import type { TaskContext } from "../tasks/task-context.ts";
import { type MaterializePlan, materializePlan, type Target } from "./materialize-plan.ts";
import { type MaterializeUnit, materializeUnits } from "./materialize-unit.ts";
import { createUnitWriter, type UnitWriter, type Written } from "./write-unit.ts";

/** So long a view that no release confirms any more stays for the release that reads it, in milliseconds. */
const KEPT_UNCONFIRMED_MS = 30 * 86_400_000;

export interface MaterializeOptions {
  online: OnlineStore;
  /** Where the datasets of earlier runs are opened. */
  offline: Pick<OfflineStore, "open">;
  dataset: OfflineDataset;
  /** The moment that the dataset's values speak for: when it was built last. */
  at: Date;
  /** Of this release. */
  views: readonly ViewSchema[];
  mode?: "incremental" | "full" | undefined;
  /** The newest rows of their entities alone that are of this range: nothing is retired and nothing confirmed. */
  range?: TimeRange | undefined;
  /** These views alone, by name with or without version: `film_metadata`, `track_record@2`. */
  only?: readonly string[] | undefined;
  /** Values per call of the online store, about; 5,000 unless given. */
  entriesPerWrite?: number | undefined;
}

type Context = Pick<TaskContext, "clock" | "signal" | "onProgress" | "log">;

/**
 * Brings a dataset into the online store, view by view: what has changed since what lies there, or everything. Readers
 * find a value all the while, the old or the new. Stopped at any point it goes on where it was, since what has begun is
 * told by the watermark, and what is confirmed is not done again.
 * @returns rows in: the dataset's; rows out: values written
 * @throws FEATURE_UNKNOWN; what the stores throw; the signal's reason
 */
export async function materialize(context: Context, options: MaterializeOptions): Promise<TaskResult> {
  const { online, dataset, at, mode = "incremental", range } = options;
  const target: Target = { hash: dataset.hash, at };
  const incarnation = await online.incarnation();
  const watermarks = possibleWatermarks(await online.watermarks(), target, context.clock.now());
  const work = chosenUnits(options).map((unit) => ({
    unit,
    plan: range
      ? ({ mode: "range", range } as const)
      : materializePlan(
          unit.views.map((view) => watermarks.get(view)),
          target,
          mode,
        ),
  }));
  const sources = openSources(options.offline);
  try {
    const writer = createUnitWriter({
      ...{ ...context, online, target, watermarks, incarnation },
      ...{ total: totalOf(work), entriesPerWrite: options.entriesPerWrite },
    });
    const done: Done = [];
    for (const one of work) done.push({ unit: one.unit, written: await carryOut(context, one, { writer, sources }) });
    const rewritten = done.filter(({ written: { mode } }) => mode === "full" || mode === "retire");
    const retired = await writer.retire(rewritten.map(({ unit }) => unit));
    const dropped = range || options.only ? [] : await dropForgotten(context, options, watermarks);
    return resultOf(options, done, {
      dataset: dataset.hash,
      at: at.toISOString(),
      mode: range ? "range" : mode,
      retired,
      dropped,
    });
  } finally {
    await sources.close();
  }
}

/** Whether all that the dataset has for this release was brought online before, and is still there. */
export function isMaterialized(
  dataset: OfflineDataset,
  views: readonly ViewSchema[],
  watermarks: ReadonlyMap<string, Watermark>,
): boolean {
  return materializeUnits(dataset, views)
    .flatMap((unit) => unit.views)
    .every((view) => watermarks.has(view));
}

/** Without those of moments that cannot be: damaged, or confirmed on a clock that was wrong. */
function possibleWatermarks(
  watermarks: ReadonlyMap<string, Watermark>,
  { at }: Target,
  now: Date,
): ReadonlyMap<string, Watermark> {
  const latest = Math.max(at.getTime(), now.getTime() + CLOCKS_APART_MS);
  return new Map([...watermarks].filter(([, watermark]) => watermark.at.getTime() <= latest));
}

type Plan = MaterializePlan | { mode: "range"; range: TimeRange };
type Done = { unit: MaterializeUnit; written: Written }[];
type Work = { unit: MaterializeUnit; plan: Plan }[];

async function carryOut(
  { log }: Pick<Context, "log">,
  { unit, plan }: Work[number],
  { writer, sources }: { writer: UnitWriter; sources: Sources },
): Promise<Written> {
  switch (plan.mode) {
    case "range":
      return writer.range(unit, plan.range);
    case "full":
      return writer.full(unit);
    case "changes":
      try {
        return await writer.changes(unit, await sources.open(plan.sources));
      } catch (error) {
        // Not kept any more, removed by retention just now, or damaged. Where ours is damaged, writing all of it says so.
        if (!isMarqueeError(error, "DATASET_UNKNOWN") && !isMarqueeError(error, "OBJECT_CORRUPT")) throw error;
        log.warn({ err: error, views: unit.views }, "cannot compare with what lies online: writing everything");
        return writer.full(unit);
      }
    case "confirm":
      return writer.changes(unit, []);
    case "retire":
    case "done":
    case "ahead":
      return { mode: plan.mode, written: 0, removed: 0 };
  }
}

/** @throws FEATURE_UNKNOWN */
function chosenUnits({ dataset, views, only, range }: MaterializeOptions): MaterializeUnit[] {
  const units = materializeUnits(dataset, views).filter((unit) => range === undefined || unit.inRange !== undefined);
  if (only === undefined) return units;
  const matches = (view: string) => only.includes(view) || only.includes(view.replace(/@\d+$/, ""));
  const unknown = only.find(
    (name) => !units.some((unit) => unit.views.some((view) => [view, view.replace(/@\d+$/, "")].includes(name))),
  );
  if (unknown !== undefined) {
    const there = units.flatMap((unit) => unit.views).join(", ");
    throw new MarqueeError(
      "FEATURE_UNKNOWN",
      `There is no view ${unknown} to materialise${range ? " by event time" : ""}. The dataset has ${there}.`,
    );
  }
  return units.filter((unit) => unit.views.some(matches));
}

interface Sources {
  /** @throws DATASET_UNKNOWN where one is not kept any more; OBJECT_CORRUPT */
  open(hashes: readonly string[]): Promise<OfflineDataset[]>;
  close(): Promise<void>;
}

/** Datasets of earlier runs, each opened once. */
function openSources(offline: Pick<OfflineStore, "open">): Sources {
  const opened = new Map<string, Promise<OfflineDataset>>();
  const open = (hash: string) => {
    const known = opened.get(hash) ?? offline.open(hash);
    opened.set(hash, known);
    return known;
  };
  return {
    open: (hashes) => Promise.all(hashes.map(open)),
    close: async () => {
      for (const dataset of await Promise.allSettled(opened.values())) {
        if (dataset.status === "fulfilled") await dataset.value.close();
      }
    },
  };
}

/** Views of other releases: each confirms its own, so one that nobody has confirmed for long has no reader. */
async function dropForgotten(
  { clock, signal, log }: Context,
  { online, dataset, views }: MaterializeOptions,
  watermarks: ReadonlyMap<string, Watermark>,
): Promise<string[]> {
  const own = new Set([...views.map(viewKey), ...materializeUnits(dataset, views).flatMap((unit) => unit.views)]);
  const until = clock.now().getTime() - KEPT_UNCONFIRMED_MS;
  const forgotten = [...watermarks].filter(([view, { at }]) => !own.has(view) && at.getTime() < until);
  for (const [view, { at }] of forgotten) {
    signal.throwIfAborted();
    log.info({ view, confirmedAt: at }, "dropping a view that no release has confirmed for 30 days");
    await online.drop(view);
  }
  return forgotten.map(([view]) => view);
}

/** Undefined where nobody knows how much has changed. */
function totalOf(work: Work): number | undefined {
  if (work.some(({ plan: { mode } }) => mode === "changes" || mode === "range")) return undefined;
  return work.reduce((sum, { unit, plan }) => sum + (plan.mode === "full" ? unit.rows : 0), 0);
}

function resultOf(
  { dataset }: MaterializeOptions,
  done: Done,
  detail: Record<string, unknown> & { retired: number },
): TaskResult {
  const sum = (count: (one: Done[number]) => number) => done.reduce((total, one) => total + count(one), 0);
  return {
    rowsIn: dataset.manifest.rows,
    rowsOut: sum(({ written }) => written.written),
    detail: {
      ...detail,
      values: sum(({ unit }) => unit.rows),
      removed: detail.retired + sum(({ written }) => written.removed),
      views: Object.fromEntries(done.map(({ unit, written }) => [unit.views.join(", "), written])),
    },
  };
}
