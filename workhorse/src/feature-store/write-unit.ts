import type { OnlineKey, OnlineStore, Watermark } from "@marquee/shared/backing/online-store/online-store";
import { MarqueeError } from "@marquee/shared/service/errors";
import type { OfflineDataset, OnlineEntry, TimeRange } from "../offline-store/offline-store.ts";
import type { TaskContext } from "../tasks/task-context.ts";
import { begunWatermark, type Target, writtenWatermark } from "./materialize-plan.ts";
import type { MaterializeUnit } from "./materialize-unit.ts";

/**
 * A write waits for its answer before the next one, and files are read in some hundreds of rows: 100,000 rows into Redis
 * took twice as long in writes of 400.
 */
const ENTRIES_PER_WRITE = 5_000;

/** What became of a unit's views. */
export interface Written {
  mode: "full" | "changes" | "range" | "retire" | "done" | "ahead";
  written: number;
  /** Entities that are gone, but for what is retired. */
  removed: number;
}

export interface UnitWriterOptions extends Pick<TaskContext, "signal" | "onProgress"> {
  online: OnlineStore;
  target: Target;
  /** As they were before the run. */
  watermarks: ReadonlyMap<string, Watermark>;
  /** The online store's, from before the watermarks were read. */
  incarnation: string;
  /** How many values will be written; undefined where nobody knows. */
  total: number | undefined;
  /** Values per call of the online store. */
  entriesPerWrite?: number | undefined;
}

/** Writes units into the online store, each so that whoever stops it leaves a watermark that tells what may lie there. */
export interface UnitWriter {
  /** Everything anew; `retire` is to follow. */
  full(unit: MaterializeUnit): Promise<Written>;
  /** What is older than all that was written goes, of all these units at once. @returns how many values those were */
  retire(units: readonly MaterializeUnit[]): Promise<number>;
  /** What differs from any of `before`: a value that lies there is of one of them. */
  changes(unit: MaterializeUnit, before: readonly OfflineDataset[]): Promise<Written>;
  /** The rows of a range; the watermark stays, with a word about the dataset where it is another one. */
  range(unit: MaterializeUnit, range: TimeRange): Promise<Written>;
}

export function createUnitWriter(options: UnitWriterOptions): UnitWriter {
  const { online, target, watermarks, signal } = options;
  const write = batchWriter(options);
  const assertNothingLost = async () => {
    signal.throwIfAborted();
    if ((await online.incarnation()) === options.incarnation) return;
    throw new MarqueeError(
      "ONLINE_STORE_UNAVAILABLE",
      "The online store was started again amid the materialisation and may have lost what was written into it. Materialise again: what it lacks is written then.",
    );
  };
  const confirm = async ({ views }: MaterializeUnit) => {
    await assertNothingLost();
    for (const view of views) await online.confirm(view, { at: target.at, source: target.hash });
  };
  const begin = async ({ views }: MaterializeUnit) => {
    for (const view of views) {
      const watermark = watermarks.get(view);
      if (watermark) await online.confirm(view, begunWatermark(watermark, target));
    }
  };
  return {
    full: async (unit) => {
      await begin(unit);
      const written = await write(unit, unit.all());
      await assertNothingLost();
      for (const view of unit.views) await online.confirm(view, writtenWatermark(watermarks.get(view), target));
      return { mode: "full", written, removed: 0 };
    },
    retire: async (units) => {
      if (units.length === 0) return 0;
      signal.throwIfAborted();
      const views = units.flatMap((unit) => unit.views);
      const retired = await online.retire(views, target.at);
      for (const unit of units) await confirm(unit);
      return retired;
    },
    changes: async (unit, before) => {
      if (before.length > 0) await begin(unit);
      const gone: OnlineKey[] = [];
      let written = 0;
      for (const dataset of before) written += await write(unit, changedOf(unit, dataset, gone));
      // After all that is new: what moves from one key to another is found under one of them all the while.
      signal.throwIfAborted();
      await online.remove(gone);
      await confirm(unit);
      return { mode: "changes", written, removed: gone.length };
    },
    range: async (unit, range) => {
      await begin(unit);
      const written = unit.inRange ? await write(unit, unit.inRange(range)) : 0;
      await assertNothingLost();
      return { mode: "range", written, removed: 0 };
    },
  };
}

async function* changedOf(
  unit: MaterializeUnit,
  before: OfflineDataset,
  gone: OnlineKey[],
): AsyncGenerator<OnlineEntry[]> {
  for await (const batch of unit.changes(before)) {
    gone.push(...batch.gone);
    yield batch.changed;
  }
}

/** Writes one batch while the next is read. */
function batchWriter({ online, target, signal, onProgress, total, entriesPerWrite }: UnitWriterOptions) {
  let done = 0;
  return async ({ ttlSeconds }: MaterializeUnit, batches: AsyncIterable<OnlineEntry[]>): Promise<number> => {
    let written = 0;
    let underway = Promise.resolve();
    try {
      for await (const batch of gathered(batches, entriesPerWrite ?? ENTRIES_PER_WRITE)) {
        await underway;
        signal.throwIfAborted();
        underway = online.write(
          batch.map(({ view, entity, value }) => ({ view, entity, value, materializedAt: target.at, ttlSeconds })),
        );
        underway.catch(() => undefined); // thrown where it is awaited
        written += batch.length;
        done += batch.length;
        onProgress({ done, ...(total === undefined ? {} : { total }), unit: "rows" });
      }
    } finally {
      await underway.catch(() => undefined);
    }
    await underway;
    return written;
  };
}

/** Batches as large as one call of the online store is quick with, of those that a file is read in. */
async function* gathered(batches: AsyncIterable<OnlineEntry[]>, size: number): AsyncGenerator<OnlineEntry[]> {
  let waiting: OnlineEntry[] = [];
  for await (const batch of batches) {
    waiting.push(...batch);
    if (waiting.length < size) continue;
    yield waiting;
    waiting = [];
  }
  if (waiting.length > 0) yield waiting;
}
