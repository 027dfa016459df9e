import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import { decodeFeatureRow, onlineRowKey } from "@marquee/shared/features/feature-row";
import { viewKey } from "@marquee/shared/features/feature-view";
import { type Clock, fixedClock } from "@marquee/shared/service/clock";
import { MarqueeError } from "@marquee/shared/service/errors";
import { createLogger } from "@marquee/shared/service/logger";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EntityRow, OfflineDataset } from "../offline-store/offline-store.ts";
import { type MaterializeOptions, materialize } from "./materialize.ts";
import { memoryDataset, memoryDatasets } from "./testing/memory-dataset.ts";
import { ALL_VIEW_KEYS, D1, D2, D3, day, KEYS, METADATA, RECORD, VIEWS } from "./testing/three-datasets.ts";

const DAY_MS = 86_400_000;
const NOW = "2026-03-10T00:00:00Z";

class Killed extends Error {}

/**
 * What materialising promises on every online store.
 * @param create an empty store that takes the time from `clock`
 */
export function materializeContract(name: string, create: (clock: Clock) => Promise<OnlineStore>): void {
  describe(`materialising into ${name}`, () => {
    const clock = fixedClock(NOW);
    const stores: OnlineStore[] = [];
    let online: OnlineStore;
    const empty = async () => {
      const store = await create(clock);
      stores.push(store);
      return store;
    };

    beforeEach(async () => {
      online = await empty();
    });
    afterEach(async () => {
      await Promise.all(stores.splice(0).map((store) => store.close()));
    });

    const run = (
      target: OfflineDataset,
      at: Date,
      changes: Partial<MaterializeOptions> & { signal?: AbortSignal } = {},
    ) => {
      const { signal = new AbortController().signal, ...options } = changes;
      return materialize(
        { clock, signal, log: createLogger("test", "silent"), onProgress: () => undefined },
        {
          online,
          offline: memoryDatasets([D1, D2, D3]),
          dataset: target,
          at,
          views: VIEWS,
          entriesPerWrite: 3,
          ...options,
        },
      );
    };
    /** Every value that there is, and the watermarks. */
    const content = async (store: OnlineStore = online) => ({
      values: (await store.read(KEYS)).map((read) =>
        read.status === "missing" ? "missing" : Buffer.from(read.value).toString("hex"),
      ),
      watermarks: await store.watermarks(),
    });
    const undisturbed = async (target: OfflineDataset, at: Date) => {
      const store = await empty();
      await run(target, at, { online: store });
      return content(store);
    };
    const runtimes = async () =>
      (await online.read([1, 2, 3, 4, 5, 6, 7].map((id) => onlineRowKey(METADATA, id)))).map((read) =>
        read.status === "missing" ? undefined : decodeFeatureRow(METADATA, read.value).values[0],
      );

    it("fills an empty store: rows with their event time, entries, and a watermark for each view", async () => {
      const result = await run(D1, day(9));
      expect(await runtimes()).toEqual([100, 200, 300, 400, 500, 600, undefined]);
      const [row] = await online.read([onlineRowKey(METADATA, 1)]);
      expect(row?.status === "present" && decodeFeatureRow(METADATA, row.value)).toEqual({
        eventTime: day(1).getTime(),
        values: Float64Array.of(100, Number.NaN),
      });
      expect(row).toMatchObject({ ageSeconds: 86_400 });
      expect(await online.watermarks()).toEqual(
        new Map(ALL_VIEW_KEYS.map((view) => [view, { at: day(9), source: "d1" }])),
      );
      expect(result).toMatchObject({
        ...{ rowsIn: 6, rowsOut: 16 },
        detail: { mode: "incremental", values: 16, removed: 0 },
      });
    });

    it("writes what has changed and removes what is gone, and all else is fresh again", async () => {
      await run(D1, day(8));
      const result = await run(D2, day(10));
      expect(await content()).toEqual(await undisturbed(D2, day(10)));
      const ages = await online.read([onlineRowKey(METADATA, 1), onlineRowKey(METADATA, 2)]);
      expect(ages).toMatchObject([
        { status: "present", ageSeconds: 0 },
        { status: "present", ageSeconds: 0 },
      ]);
      expect(result).toMatchObject({
        rowsOut: 6,
        detail: { removed: 3, views: { "film_metadata@2": { mode: "changes", written: 2, removed: 1 } } },
      });
    });

    it("does nothing the second time", async () => {
      await run(D2, day(9));
      const written: unknown[] = [];
      const kept: OnlineStore = { ...online, write: async (entries) => void written.push(...entries) };
      expect(await run(D2, day(9), { online: kept })).toMatchObject({ rowsOut: 0 });
      expect(written).toEqual([]);
    });

    it("confirms features that came out the same on a later day, and writes nothing", async () => {
      await run(D2, day(8));
      expect(await online.read([onlineRowKey(METADATA, 1)])).toMatchObject([{ status: "stale" }]);
      expect(await run(D2, day(10))).toMatchObject({ rowsOut: 0 });
      expect(await online.read([onlineRowKey(METADATA, 1)])).toMatchObject([{ status: "present", ageSeconds: 0 }]);
    });

    it("writes everything where that is asked for, and retires what is in no dataset", async () => {
      await run(D1, day(8));
      const lost = onlineRowKey(METADATA, 7);
      await online.write([{ ...lost, value: Buffer.from("?"), materializedAt: day(8), ttlSeconds: 60 }]);
      expect(await run(D3, day(9), { mode: "full" })).toMatchObject({ rowsOut: 15, detail: { mode: "full" } });
      expect(await content()).toEqual(await undisturbed(D3, day(9)));
    });

    it("writes everything where the dataset that lies there is not kept any more", async () => {
      await run(D1, day(8));
      await run(D3, day(9), { offline: memoryDatasets([D3]) });
      expect(await content()).toEqual(await undisturbed(D3, day(9)));
    });

    it("writes everything where the dataset that lies there is damaged", async () => {
      await run(D1, day(8));
      const damaged: OfflineDataset = {
        ...D2,
        changedEntries: async function* (before) {
          for await (const some of D2.changedEntries(before)) {
            yield some;
            throw new MarqueeError("OBJECT_CORRUPT", `A file of ${before.hash} is not there.`);
          }
        },
      };
      const { detail } = await run(damaged, day(9));
      expect(detail.views).toMatchObject({
        "film_metadata@2": { mode: "changes" },
        "name@2, card@2": { mode: "full" },
      });
      expect(await content()).toEqual(await undisturbed(D2, day(9)));
    });

    it("lets nothing look younger that is to be retired, though it was killed before that", async () => {
      await run(D1, day(8));
      const killing: OnlineStore = {
        ...online,
        retire: async () => {
          throw new Killed();
        },
      };
      await expect(run(D2, day(9), { mode: "full", online: killing })).rejects.toThrow(Killed);
      expect(await online.read([onlineRowKey(METADATA, 1), onlineRowKey(METADATA, 3)])).toMatchObject([
        { status: "present", ageSeconds: 86_400 },
        { status: "stale", ageSeconds: 2 * 86_400 },
      ]);
      expect((await run(D2, day(9))).detail.views).toMatchObject({ "film_metadata@2": { mode: "retire" } });
      expect(await content()).toEqual(await undisturbed(D2, day(9)));
    });

    it("leaves a later dataset's values alone", async () => {
      await run(D3, day(9));
      expect(await run(D1, day(8))).toMatchObject({ rowsOut: 0 });
      expect(await content()).toEqual(await undisturbed(D3, day(9)));
    });

    it.each([
      ["into an empty store", undefined, D2, D2],
      ["into an empty store, and then another dataset comes", undefined, D2, D3],
      ["over what lies there", D1, D2, D2],
      ["over what lies there, and then a dataset comes that takes some of it back", D1, D2, D3],
    ])("killed at any point %s it goes on to the same values", async (_when, before, stopped, target) => {
      const expected = await undisturbed(target, day(10));
      for (let calls = 0, killed = true; killed; calls++) {
        online = await empty();
        if (before) await run(before, day(8));
        killed = await run(stopped, day(9), { online: killedAfter(online, calls) }).then(
          () => false,
          (error: unknown) => {
            if (error instanceof Killed) return true;
            throw error;
          },
        );
        await run(target, day(10));
        expect(await content(), `killed after ${calls} calls`).toEqual(expected);
      }
    });

    it("does not do again what a stopped run has confirmed", async () => {
      await run(D1, day(8));
      const first = viewKey(METADATA);
      const killing: OnlineStore = {
        ...online,
        write: async (entries) => {
          if (entries.some(({ view }) => view !== first)) throw new Killed();
          await online.write(entries);
        },
      };
      await expect(run(D2, day(9), { online: killing })).rejects.toThrow(Killed);
      const result = await run(D2, day(9));
      expect(result.detail.views).toMatchObject({
        "film_metadata@2": { mode: "done", written: 0 },
        "director_track_record@1": { mode: "changes", written: 2 },
      });
    });

    it.each(["incremental", "full"] as const)("shows every reader a value all the while: %s", async (mode) => {
      await run(D1, day(8));
      const both = KEYS.filter((_, i) => ![4, 5, 12, 13, 15, 16, 18].includes(i));
      let done = false;
      const running = run(D2, day(9), { mode }).finally(() => {
        done = true;
      });
      const moving = [
        { view: "name@2", entity: "person:b" },
        { view: "name@2", entity: "person:b:2026" },
      ];
      do {
        const reads = await online.read([...both, ...moving]);
        expect(reads.slice(0, both.length).filter(({ status }) => status === "missing")).toEqual([]);
        expect(reads.slice(both.length).some(({ status }) => status !== "missing")).toBe(true);
      } while (!done);
      await running;
    });

    it("writes the rows of a range alone, retires and confirms nothing, and the next run makes it whole", async () => {
      const rows = [1, 2, 3].map((id) => ({
        id,
        eventTime: day(id).getTime(),
        values: Float64Array.of(id * 11, Number.NaN),
      }));
      // What an entity had before its newest row is not brought back.
      const later = { id: 3, eventTime: day(5).getTime(), values: Float64Array.of(34, Number.NaN) };
      const ranged = memoryDataset(VIEWS, {
        hash: "ranged",
        rows: { [viewKey(METADATA)]: [...rows, { ...rows[0], eventTime: day(2).getTime() + 1 } as EntityRow, later] },
      });
      await run(D1, day(8));
      const before = await online.watermarks();
      const result = await run(ranged, day(9), { range: { from: day(2), to: day(4) } });
      expect(result).toMatchObject({ rowsOut: 2, detail: { mode: "range" } });
      expect(await runtimes()).toEqual([11, 22, 300, 400, 500, 600, undefined]);
      expect((await online.watermarks()).get("film_metadata@2")).toEqual({
        ...{ at: day(8), source: "d1", underway: ["ranged"] },
      });
      expect((await online.watermarks()).get("name@2")).toEqual(before.get("name@2"));
      await run(D2, day(10));
      expect(await content()).toEqual(await undisturbed(D2, day(10)));
    });

    it("a range of the dataset that lies there leaves nothing to do for the next run", async () => {
      await run(D1, day(8));
      const before = await online.watermarks();
      expect(await run(D1, day(8), { range: { to: day(3) } })).toMatchObject({ rowsOut: 12 });
      expect(await online.watermarks()).toEqual(before);
      expect(await run(D1, day(8))).toMatchObject({
        ...{ rowsOut: 0, detail: { views: { "film_metadata@2": { mode: "done" } } } },
      });
      expect(await content()).toEqual(await undisturbed(D1, day(8)));
    });

    it("replaces what a clock that was wrong has written and confirmed", async () => {
      const future = new Date("2027-03-10T00:00:00Z");
      const key = onlineRowKey(METADATA, 1);
      await run(D1, day(8));
      await online.write([{ ...key, value: Buffer.alloc(400, "x"), materializedAt: future, ttlSeconds: 60 }]);
      await online.confirm(viewKey(METADATA), { at: future, source: "d1" });
      expect((await run(D2, day(9))).detail.views).toMatchObject({ "film_metadata@2": { mode: "full" } });
      expect(await content()).toEqual(await undisturbed(D2, day(9)));
    });

    it("writes a choice of views alone", async () => {
      await run(D1, day(8));
      await run(D2, day(9), { only: ["film_metadata", "card@2"] });
      const watermarks = await online.watermarks();
      expect(watermarks.get("film_metadata@2")?.source).toBe("d2");
      expect(watermarks.get("director_track_record@1")?.source).toBe("d1");
      await expect(run(D2, day(9), { only: ["film_metadata", "film_meta"] })).rejects.toMatchObject({
        code: "FEATURE_UNKNOWN",
        message: expect.stringContaining("no view film_meta to materialise. The dataset has film_metadata@2"),
      });
    });

    it("leaves out a view that the dataset was built without", async () => {
      const older = memoryDataset(VIEWS, { hash: "older", rows: { [viewKey(RECORD)]: [] } });
      await run(older, day(9));
      expect([...(await online.watermarks()).keys()]).toEqual([viewKey(RECORD)]);
    });

    it("drops a view that no release has confirmed for 30 days, and no other", async () => {
      const old = (view: string, days: number) =>
        online.confirm(view, { at: new Date(Date.parse(NOW) - days * DAY_MS), source: "a" });
      const forgotten = { view: "film_metadata@1", entity: "film:1" };
      await online.write([{ ...forgotten, value: Buffer.from("1"), materializedAt: day(1), ttlSeconds: 60 }]);
      await old("film_metadata@1", 30.1);
      await old("director_track_record@0", 29.9);
      expect((await run(D1, day(9))).detail.dropped).toEqual(["film_metadata@1"]);
      expect(await online.read([forgotten])).toEqual([{ status: "missing" }]);
      expect([...(await online.watermarks()).keys()].sort()).toEqual(
        [...ALL_VIEW_KEYS, "director_track_record@0"].sort(),
      );
    });

    it("ends at once when it is aborted, and goes on later", async () => {
      const abort = new AbortController();
      const aborting: OnlineStore = {
        ...online,
        write: async (entries) => {
          await online.write(entries);
          abort.abort();
        },
      };
      await expect(run(D1, day(9), { online: aborting, signal: abort.signal })).rejects.toThrow("aborted");
      expect(await online.watermarks()).toEqual(new Map());
      await run(D1, day(9));
      expect(await content()).toEqual(await undisturbed(D1, day(9)));
    });
  });
}

/** A store that works for so many calls that change something, and is then gone for its caller. */
function killedAfter(store: OnlineStore, calls: number): OnlineStore {
  let left = calls;
  const counted =
    <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      if (left-- <= 0) throw new Killed();
      return call(...args);
    };
  return {
    ...store,
    write: counted(store.write),
    remove: counted(store.remove),
    retire: counted(store.retire),
    confirm: counted(store.confirm),
  };
}
