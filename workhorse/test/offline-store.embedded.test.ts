import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import { fixedClock } from "@marquee/shared/service/clock";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createOfflineStore, type LocalOfflineStore } from "../src/offline-store/create-offline-store.ts";
import { manifestKey } from "../src/offline-store/dataset-manifest.ts";
import type { OfflineDataset } from "../src/offline-store/offline-store.ts";
import { batchOf, contentOf, ENTRIES, FLEETING, PLAIN, ROWS, type Row } from "./offline-store-content.ts";

const UNKNOWN = Number.NaN;
const cacheClock = fixedClock("2026-11-21T12:00:00.000Z");

let folder: string;
let objectStore: ObjectStore;
let store: LocalOfflineStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "marquee-offline-"));
  objectStore = createFileObjectStore(join(folder, "objects"));
  store = storeWith("cache");
});
afterEach(() => rmSync(folder, { recursive: true }));

const storeWith = (cache: string, objects = objectStore) =>
  createOfflineStore({ objectStore: objects, cacheFolder: join(folder, cache), cacheClock });
const keys = async (prefix: string) => (await Array.fromAsync(objectStore.list(prefix))).map(({ key }) => key);
const latest = async (dataset: OfflineDataset, view = PLAIN, range = {}) =>
  (await Array.fromAsync(dataset.latestRows(view, range)))
    .flat()
    .map(({ id, eventTime, values }) => [id, new Date(eventTime).toISOString(), ...values])
    .sort(([a], [b]) => Number(a) - Number(b));
const changes = async (dataset: OfflineDataset, before: OfflineDataset, view = PLAIN) => {
  const batches = await Array.fromAsync(dataset.changedRows(view, before));
  return {
    changed: batches.flatMap(({ changed }) => changed.map(({ id, values }) => [id, ...values])).sort(),
    gone: batches.flatMap(({ gone }) => gone).sort(),
  };
};
/** Opens what was written; closed with the test. */
async function written(content = contentOf(), from = store) {
  const { hash } = await store.write(content);
  return from.open(hash);
}

describe("a dataset", () => {
  it("gives back the newest row of each entity to the last bit, from another machine, too", async () => {
    const dataset = await written(contentOf(), storeWith("another machine"));
    const rows = await latest(dataset);
    expect(rows).toEqual([
      [1, "1999-05-01T00:00:00.000Z", 2, 0.1 + 0.2, 0],
      [2, "2001-02-03T04:05:06.789Z", UNKNOWN, Number.MIN_VALUE, UNKNOWN],
      [3, "2001-02-03T00:00:00.000Z", 1e300, -1, 1],
    ]);
    await dataset.close();
  });

  it("keeps the sign of zero, and has one kind of unknown", async () => {
    const values = Float64Array.of(-0, 0, 0, UNKNOWN);
    new DataView(values.buffer).setBigUint64(24, 0xfff8_0000_0000_0001n, true);
    const many = Array.from({ length: 3_000 }, (_, i): Row => [i, "2001-01-01T00:00:00Z", i % 2 ? -0 : 0, 0, 0, 0]);
    const batches = [batchOf(many), { ...batchOf([ROWS[0] ?? many[0]] as Row[]), ids: Int32Array.of(9_999), values }];
    const dataset = await written({ ...contentOf(), rows: batches });
    const rows = (await Array.fromAsync(dataset.latestRows(PLAIN))).flat().sort((a, b) => a.id - b.id);
    expect(rows.every(({ id, values: [height] }) => id === 9_999 || Object.is(height, id % 2 ? -0 : 0))).toBe(true);
    expect(Object.is(rows.at(-1)?.values[0], -0)).toBe(true);
    const [mood] = (await Array.fromAsync(dataset.latestRows(FLEETING))).flat().filter(({ id }) => id === 9_999);
    expect(Buffer.from(mood?.values.slice().buffer ?? new ArrayBuffer(0))).toEqual(
      Buffer.from(Float64Array.of(UNKNOWN).buffer),
    );
    await dataset.close();
  });

  it("gives the newest rows that are of a range, whose end is not in it, and none in place of a newer one", async () => {
    const dataset = await written();
    const range = { from: new Date("1999-05-01T00:00:00Z"), to: new Date("2001-02-03T04:05:06.789Z") };
    expect((await latest(dataset, PLAIN, range)).map(([id]) => id)).toEqual([1, 3]);
    expect(await latest(dataset, PLAIN, { to: range.from })).toEqual([]);
    expect(await latest(dataset, PLAIN, { from: new Date("2030-01-01T00:00:00Z") })).toEqual([]);
    await dataset.close();
  });

  it("says what it is made of", async () => {
    const { manifest } = await store.write(contentOf());
    expect(manifest).toMatchObject({
      ...{ rows: 4, timeRange: { from: "1969-12-31", to: "2001-02-03" }, entity: { name: "film", joinKey: "tmdb_id" } },
      rowFiles: [
        { partition: "1960s", rows: 1 },
        { partition: "1990s", rows: 1 },
        { partition: "2000s", rows: 2 },
      ],
      onlineFiles: [
        { partition: "card@1", rows: 2 },
        { partition: "name@1", rows: 1 },
      ],
    });
  });

  it("gives its rows with columns of several views side by side, by time", async () => {
    const dataset = await written();
    const [batch] = await Array.fromAsync(
      dataset.rows([
        { name: "mood", type: "float64" },
        { name: "tall", type: "bool" },
      ]),
    );
    expect(batch?.ids).toEqual(Int32Array.of(1, 1, 3, 2));
    expect(batch?.values).toEqual(Float64Array.of(10, 1, 11, 0, 30, 1, UNKNOWN, UNKNOWN));
    await dataset.close();
  });

  it("gives back what lies online as it was", async () => {
    const dataset = await written();
    const entries = (await Array.fromAsync(dataset.onlineEntries())).flat();
    expect(entries.map(({ value, ...key }) => ({ ...key, value: Uint8Array.from(value) }))).toEqual(ENTRIES);
    await dataset.close();
  });

  it("may be empty", async () => {
    const dataset = await written(contentOf({ rows: [], entries: [] }));
    const full = await written();
    expect([await latest(dataset), await Array.fromAsync(dataset.onlineEntries())]).toEqual([[], []]);
    expect((await changes(dataset, full)).gone).toEqual([1, 2, 3]);
    expect((await changes(full, dataset)).changed).toHaveLength(3);
    await Promise.all([dataset.close(), full.close()]);
  });

  it("holds 100,000 rows and gives back each", async () => {
    const rows = Array.from({ length: 100_000 }, (_, i): Row => [i, "2001-01-01T00:00:00Z", i, -i, i % 2, i / 3]);
    const dataset = await written(contentOf({ rows }));
    let [count, sum] = [0, 0];
    for await (const batch of dataset.latestRows(PLAIN)) {
      for (const { id, values } of batch) {
        count += 1;
        if (values[0] !== id || values[1] !== -id || values[2] !== id % 2)
          throw new TypeError(`row ${id} is not its own`);
        sum += id;
      }
    }
    expect([count, sum]).toEqual([100_000, (100_000 * 99_999) / 2]);
    await dataset.close();
  });
});

describe("equal content", () => {
  it("has an equal hash and equal files, in whatever batches it comes, and is stored once", async () => {
    const first = await store.write(contentOf());
    const files = await keys("features/");
    const batches = [...ROWS].reverse().map((row) => batchOf([row]));
    const again = { ...contentOf({ builtAt: "2026-11-22T10:00:00.000Z" }), rows: batches };
    const second = await storeWith("another machine").write(again);
    expect(second.hash).toBe(first.hash);
    expect(await keys("features/")).toEqual(files);
    expect((await store.open(first.hash)).manifest.builtAt).toBe("2026-11-22T10:00:00.000Z");
  });

  it.each<[string, Partial<ReturnType<typeof contentOf>>]>([
    ["a value", { rows: [batchOf([[1, "2001-01-01T00:00:00Z", 1, 2, 0, 4]])] }],
    ["what it was made from", { catalogHash: "another" }],
    ["what lies online", { online: [] }],
  ])("is another dataset where %s is another", async (_what, change) => {
    const { hash } = await store.write(contentOf());
    expect((await store.write({ ...contentOf(), ...change })).hash).not.toBe(hash);
  });
});

describe("what has changed since another dataset", () => {
  it("is nothing where nothing has", async () => {
    const dataset = await written();
    expect(await changes(dataset, dataset)).toEqual({ changed: [], gone: [] });
    const moved = await written(contentOf({ rows: [...ROWS, [9, "2020-01-01T00:00:00Z", 1, 1, 1, 1]] }));
    expect((await changes(moved, dataset)).changed).toEqual([[9, 1, 1, 1]]);
    await Promise.all([dataset.close(), moved.close()]);
  });

  it.each<[string, Row, number[][]]>([
    ["a value", [3, "2001-02-03T00:00:00Z", 7, -1, 1, 30], [[3, 7, -1, 1]]],
    [
      "a value that is known now",
      [2, "2001-02-03T04:05:06.789Z", 5, Number.MIN_VALUE, UNKNOWN, 0],
      [[2, 5, Number.MIN_VALUE, UNKNOWN]],
    ],
    [
      "a value that is not known any more",
      [3, "2001-02-03T00:00:00Z", 1e300, -1, UNKNOWN, 30],
      [[3, 1e300, -1, UNKNOWN]],
    ],
    ["the row's time alone", [3, "2001-02-04T00:00:00Z", 1e300, -1, 1, 30], [[3, 1e300, -1, 1]]],
    ["another view's value", [3, "2001-02-03T00:00:00Z", 1e300, -1, 1, 31], []],
  ])("is %s", async (_what, row, changed) => {
    const before = await written();
    const now = await written(contentOf({ rows: ROWS.map((old) => (old[0] === row[0] ? row : old)) }));
    expect(await changes(now, before)).toEqual({ changed, gone: [] });
    await Promise.all([now.close(), before.close()]);
  });

  it("is the sign of a zero, and an entity that is gone", async () => {
    const zero: Row = [5, "2001-01-01T00:00:00Z", 0, 0, 0, 0];
    const before = await written(contentOf({ rows: [...ROWS, zero] }));
    const now = await written(contentOf({ rows: [...ROWS.slice(0, 2), [5, "2001-01-01T00:00:00Z", -0, 0, 0, 0]] }));
    expect(await changes(now, before)).toEqual({ changed: [[5, -0, 0, 0]], gone: [2, 3] });
    await Promise.all([now.close(), before.close()]);
  });

  it("is everything where the other had another version of the view", async () => {
    const content = contentOf();
    const before = await written({ ...content, views: content.views.map((view) => ({ ...view, version: 2 })) });
    const now = await written(contentOf({ rows: ROWS.slice(0, 2) }));
    const { changed, gone } = await changes(now, before);
    expect([changed.map(([id]) => id), gone]).toEqual([[1], [2, 3]]);
    await Promise.all([now.close(), before.close()]);
  });

  it("is told of what lies online, too", async () => {
    const before = await written();
    const entries = [
      { view: "card@1", entity: "film:1", value: Uint8Array.of(1, 0, 254) },
      { view: "card@1", entity: "film:3", value: Uint8Array.of(3) },
    ];
    const now = await written(contentOf({ entries }));
    const batches = await Array.fromAsync(now.changedEntries(before));
    const changed = batches.flatMap((batch) => batch.changed.map(({ entity, value }) => [entity, ...value])).sort();
    expect(changed).toEqual([
      ["film:1", 1, 0, 254],
      ["film:3", 3],
    ]);
    expect(batches.flatMap(({ gone }) => gone)).toEqual([
      { view: "card@1", entity: "film:2" },
      { view: "name@1", entity: "person:o'brien" },
    ]);
    expect((await Array.fromAsync(now.changedEntries(now))).length).toBe(0);
    await Promise.all([now.close(), before.close()]);
  });
});

describe("what goes wrong", () => {
  it("leaves no dataset where the write ends before its end, and nothing beside", async () => {
    let puts = 0;
    const failing: ObjectStore = {
      ...objectStore,
      put: (...args) => (++puts === 4 ? Promise.reject(new TypeError("killed")) : objectStore.put(...args)),
    };
    await expect(storeWith("cache", failing).write(contentOf())).rejects.toThrow("killed");
    expect(await keys("features/datasets")).toEqual([]);
    expect(await keys("features/files")).toHaveLength(3);
    expect(readdirSync(join(folder, "cache")).filter((name) => name.startsWith("write-"))).toEqual([]);
    const { hash } = await store.write(contentOf());
    expect(await keys("features/datasets")).toEqual([manifestKey(hash)]);
  });

  it("throws what the content throws", async () => {
    const rows = (async function* () {
      yield batchOf(ROWS);
      throw new TypeError("aborted");
    })();
    await expect(store.write({ ...contentOf(), rows })).rejects.toThrow("aborted");
    expect(await keys("features/")).toEqual([]);
  });

  it("is told of a damaged or missing file, by its name", async () => {
    const { hash, manifest } = await store.write(contentOf());
    const [{ key } = { key: "" }] = manifest.rowFiles;
    await objectStore.put(key, "something else");
    const other = await storeWith("another machine").open(hash);
    await expect(latest(other)).rejects.toMatchObject({
      code: "OBJECT_CORRUPT",
      message: expect.stringContaining(key),
    });
    await objectStore.remove(key);
    await expect(latest(other)).rejects.toMatchObject({
      code: "OBJECT_CORRUPT",
      message: expect.stringContaining("not there"),
    });
    await other.close();
  });

  it("is mended where only the copy on this machine is damaged", async () => {
    const { hash, manifest } = await store.write(contentOf());
    const [{ sha256, bytes } = { sha256: "", bytes: 0 }] = manifest.rowFiles;
    writeFileSync(join(folder, "cache", `${sha256}.parquet`), Buffer.alloc(bytes));
    const dataset = await storeWith("cache").open(hash);
    expect(await latest(dataset)).toHaveLength(3);
    await dataset.close();
  });

  it("is told of a manifest that was changed, and of a dataset that is not there", async () => {
    const { hash, manifest } = await store.write(contentOf());
    await objectStore.put(manifestKey(hash), JSON.stringify({ ...manifest, rows: 5 }));
    await expect(store.open(hash)).rejects.toMatchObject({ code: "OBJECT_CORRUPT" });
    await objectStore.put(manifestKey(hash), "{");
    await expect(store.open(hash)).rejects.toMatchObject({ code: "OBJECT_CORRUPT" });
    await expect(store.open("f".repeat(64))).rejects.toMatchObject({ code: "DATASET_UNKNOWN" });
  });

  it.each<[string, readonly Row[], string]>([
    ["a flag that is none", [[1, "2001-01-01T00:00:00Z", 1, 1, 2, 1]], "has 2 in the column tall"],
    ["a row without a time", [[1, "", 1, 1, 1, 1]], "event time NaN"],
    [
      "two rows of one entity and moment",
      [ROWS[0], ROWS[0]] as Row[],
      "two rows of tmdb_id 1 at 1969-12-31T23:59:59.999Z",
    ],
  ])("is refused with its reason: %s", async (_what, rows, reason) => {
    await expect(store.write(contentOf({ rows }))).rejects.toMatchObject({
      ...{ code: "FEATURE_ROW_INVALID", message: expect.stringContaining(reason) },
    });
  });
});

describe("copies on this machine", () => {
  it("go where nobody has used them for a week, however much room there is", async () => {
    const at = (day: number) =>
      createOfflineStore({
        ...{ objectStore, cacheFolder: join(folder, "cache"), cacheClock: fixedClock(`2026-11-0${day}T12:00:00.000Z`) },
      });
    await at(1).write(contentOf({ entries: [] }));
    const old = readdirSync(join(folder, "cache"));
    const left = () => readdirSync(join(folder, "cache")).filter((name) => old.includes(name));
    await at(8).write(contentOf({ rows: [] }));
    expect(left()).toEqual(old);
    await at(9).write(contentOf({ rows: [] }));
    expect(left()).toEqual([]);
  });

  it("go where they have not been used for longest and take too much room, and come back", async () => {
    const early = createOfflineStore({
      ...{ objectStore, cacheFolder: join(folder, "cache"), cacheClock: fixedClock("2000-01-01T00:00:00Z") },
    });
    const { hash } = await early.write(contentOf({ entries: [] }));
    const old = readdirSync(join(folder, "cache"));
    const foreign = [join(folder, "cache", "notes.txt"), join(folder, "cache", "photos")];
    writeFileSync(foreign[0] ?? "", "mine");
    mkdirSync(foreign[1] ?? "");
    for (const path of foreign) utimesSync(path, 0, 0);
    const small = createOfflineStore({
      ...{ objectStore, cacheFolder: join(folder, "cache"), cacheClock },
      maxCacheBytes: 1,
    });
    await small.write(contentOf({ rows: [] }));
    expect(readdirSync(join(folder, "cache")).filter((name) => old.includes(name))).toEqual([]);
    expect(foreign.filter((path) => existsSync(path))).toEqual(foreign);
    const dataset = await small.open(hash);
    expect(await latest(dataset)).toHaveLength(3);
    await dataset.close();
  });
});
