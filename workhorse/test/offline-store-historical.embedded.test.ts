import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import { fixedClock } from "@marquee/shared/service/clock";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createOfflineStore } from "../src/offline-store/create-offline-store.ts";
import { parquetTable } from "../src/offline-store/duckdb.ts";
import { historicalFeatures, historicalFile } from "../src/offline-store/historical-features.ts";
import type { LocalDataset } from "../src/offline-store/open-dataset.ts";
import { contentOf, type Row } from "./offline-store-content.ts";

const UNKNOWN = Number.NaN;
const NOON = "2020-06-02T12:00:00.000Z";
const ROWS: readonly Row[] = [
  [1, "2020-06-01T12:00:00Z", 1, 10, 0, 100],
  [1, NOON, 2, 20, 1, 200],
  [1, "2031-01-01T00:00:00Z", 3, 30, 1, 300],
  [2, "1950-01-01T00:00:00Z", 4, UNKNOWN, UNKNOWN, 400],
];

const folder = mkdtempSync(join(tmpdir(), "marquee-historical-"));
const store = createOfflineStore({
  objectStore: createFileObjectStore(join(folder, "objects")),
  cacheFolder: join(folder, "cache"),
  cacheClock: fixedClock(NOON),
});
let dataset: LocalDataset;

beforeAll(async () => {
  const { hash } = await store.write(contentOf({ rows: ROWS }));
  dataset = await store.open(hash);
});
afterAll(async () => {
  await dataset.close();
  rmSync(folder, { recursive: true });
});

const joined = async (entities: readonly (readonly [number, string])[], features: readonly string[]) => {
  const request = { ids: entities.map(([id]) => id), asOf: entities.map(([, at]) => Date.parse(at)) };
  return Object.fromEntries(await historicalFeatures(dataset, { entities: request, features }));
};
const path = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe("a point-in-time join", () => {
  it.each<[string, [number, string], number, number]>([
    ["before the first row knows nothing", [1, "2020-06-01T11:59:59.999Z"], UNKNOWN, UNKNOWN],
    ["at a row's moment has that row", [1, NOON], 2, 200],
    ["a millisecond before it has the one before", [1, "2020-06-02T11:59:59.999Z"], 1, 100],
    ["after it has that row still", [1, "2020-06-02T12:00:00.001Z"], 2, 200],
    ["at the end of a view's window has the row", [1, "2020-06-03T12:00:00.000Z"], 2, 200],
    ["behind a view's window has it of the other view alone", [1, "2020-06-03T12:00:00.001Z"], 2, UNKNOWN],
    ["years later has the newest row of that day", [1, "2030-12-31T23:59:59Z"], 2, UNKNOWN],
    ["finds rows of another file", [1, "2031-01-01T00:00:00Z"], 3, 300],
    ["finds rows from before 1970", [2, "1950-01-01T00:00:00Z"], 4, 400],
    ["of an entity that is not there knows nothing", [3, NOON], UNKNOWN, UNKNOWN],
  ])("%s", async (_what, entity, height, mood) => {
    expect(await joined([entity], ["plain:height", "fleeting:mood"])).toEqual({
      height: Float64Array.of(height),
      mood: Float64Array.of(mood),
    });
  });

  it("takes whole views, a view's version, and each column once", async () => {
    const columns = await joined([[1, NOON]], ["fleeting@latest", "plain@1:tall", "plain@v1", "plain:tall"]);
    expect(columns).toEqual({
      ...{ mood: Float64Array.of(200), tall: Float64Array.of(1) },
      ...{ height: Float64Array.of(2), weight: Float64Array.of(20) },
    });
  });

  it("answers 100,000 entities in their order, the same one twice", async () => {
    const ids = Int32Array.from({ length: 100_000 }, (_, i) => (i * 7) % 5);
    const asOf = Float64Array.from(ids, (_, i) => Date.parse("2020-06-01T12:00:00Z") + ((i * 31) % 3) * 86_400_000 - 1);
    const height = (await historicalFeatures(dataset, { entities: { ids, asOf }, features: ["plain:height"] })).get(
      "height",
    );
    const expected = Float64Array.from(ids, (id, i) =>
      id === 2 ? 4 : id === 1 ? ([UNKNOWN, 1, 2][(i * 31) % 3] ?? 0) : UNKNOWN,
    );
    expect(height).toEqual(expected);
  });

  it("answers nothing for no entities, and knows nothing of an empty dataset", async () => {
    expect(await joined([], ["plain:height"])).toEqual({ height: Float64Array.of() });
    const empty = await store.open((await store.write(contentOf({ rows: [] }))).hash);
    const entities = { ids: [1], asOf: [Date.parse(NOON)] };
    expect(await historicalFeatures(empty, { entities, features: ["plain:tall"] })).toEqual(
      new Map([["tall", Float64Array.of(UNKNOWN)]]),
    );
    await empty.close();
  });

  it("may be asked several times at once", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => joined([[1, NOON]], ["plain:height"])));
    expect(answers.map(({ height }) => height?.[0])).toEqual(Array(8).fill(2));
  });
});

describe("what is asked wrongly", () => {
  it.each([
    [["nobody:height"], "FEATURE_UNKNOWN", "Views: plain@1, fleeting@1."],
    [["plain@2:height"], "FEATURE_UNKNOWN", "Views: plain@1, fleeting@1."],
    [["plain:hight"], "FEATURE_UNKNOWN", "It has: height, weight, tall."],
    [["plain:height; drop table"], "FEATURE_UNKNOWN", "There is no feature view"],
    [[], "REQUEST_INVALID", "No feature is asked for."],
  ])("%j is %s, with what there is", async (features, code, part) => {
    await expect(joined([[1, NOON]], features)).rejects.toMatchObject({ code, message: expect.stringContaining(part) });
  });

  it.each<[string, number[], number[], string]>([
    ["half an id", [1, 1.5], [0, 0], "In row 2 tmdb_id is 1.5; accepted is a whole number"],
    ["a moment that is none", [1], [UNKNOWN], "In row 1 the moment is NaN; accepted is a moment such as"],
    ["fewer moments than ids", [1, 2], [0], "2 values of tmdb_id and 1 moments"],
  ])("%s is refused with its row", async (_what, ids, asOf, part) => {
    await expect(historicalFeatures(dataset, { entities: { ids, asOf }, features: ["plain"] })).rejects.toMatchObject({
      ...{ code: "REQUEST_INVALID", message: expect.stringContaining(part) },
    });
  });

  it.each([
    [
      "a.csv",
      "tmdb_id,when\n1,2020-06-02\n",
      "has the columns tmdb_id, when; accepted is a file with tmdb_id and event_timestamp or as_of",
    ],
    ["b.csv", "tmdb_id,as_of\n1,2020-06-02\none,2020-06-02\n", "In row 2 of"],
    ["c.csv", "tmdb_id,as_of\n1,yesterday\n", "the moment is yesterday"],
    ["d.csv", "tmdb_id,as_of,height\n1,2020-06-02,5\n", "has a column height already"],
    ["g.csv", "tmdb_id,as_of,HEIGHT\n1,2020-06-02,5\n", "has a column height already"],
    ["h.csv", "tmdb_id,as_of\n1.5,2020-06-02\n", "tmdb_id is 1.5; accepted is a whole number"],
    ["i.csv", "tmdb_id,as_of\n2147483648,2020-06-02\n", "accepted is a whole number from 0 to 2147483647"],
    ["j.csv", "tmdb_id,as_of,__ID\n1,2020-06-02,2\n", "has a column __ID"],
    ["k.csv", "tmdb_id,as_of,__found\n1,2020-06-02,2\n", "has a column __found"],
    ["l.csv", `tmdb_id,as_of\n${"1,2020-06-02\n".repeat(30_000)}1,2020-06-02,3\n`, "cannot be read: Invalid Input"],
    ["e.txt", "tmdb_id,as_of\n", "neither a .parquet nor a .csv file"],
    ["f.parquet", "no parquet", "cannot be read"],
  ])("a file such as %s is refused with what is accepted", async (name, text, part) => {
    const request = { entities: path(name, text), features: ["plain"], out: join(folder, "out.csv") };
    await expect(historicalFile(dataset, request)).rejects.toMatchObject({
      ...{ code: "REQUEST_INVALID", message: expect.stringContaining(part) },
    });
  });

  it.each(["out.csv", "out.parquet"])("a file that cannot be written is named: %s", async (name) => {
    const out = join(folder, "nowhere", name);
    const request = { entities: path("m.csv", "tmdb_id,as_of\n1,2020-06-02\n"), features: ["plain"], out };
    await expect(historicalFile(dataset, request)).rejects.toMatchObject({
      ...{ code: "REQUEST_INVALID", message: `${out} cannot be written: No such file or directory.` },
    });
  });

  it("a file that is not there is named", async () => {
    const request = { entities: join(folder, "none.csv"), features: ["plain"], out: join(folder, "out.csv") };
    await expect(historicalFile(dataset, request)).rejects.toMatchObject({
      ...{ code: "REQUEST_INVALID", message: `${request.entities} is not there.` },
    });
  });

  it("a file that is to be written over its own entities is refused, under whatever name, and kept", async () => {
    const text = "tmdb_id,as_of\n1,2020-06-02\n";
    const entities = path("own.csv", text);
    symlinkSync(entities, join(folder, "link.csv"));
    linkSync(entities, join(folder, "twin.csv"));
    for (const out of [entities, ...["link.csv", "twin.csv"].map((name) => join(folder, name))]) {
      await expect(historicalFile(dataset, { entities, features: ["plain"], out })).rejects.toMatchObject({
        ...{ code: "REQUEST_INVALID", message: expect.stringContaining("is the file of entities itself") },
      });
    }
    expect(readFileSync(entities, "utf8")).toBe(text);
  });
});

describe("from file to file", () => {
  const CSV = `note,tmdb_id,event_timestamp\n"a, b",1,2020-06-02T12:00:00Z\n007,2,1950-01-02\n,1,2019-01-01\n`;

  it("keeps the rows' order and their other columns as they are, and leaves empty what is not known", async () => {
    const out = join(folder, "out.csv");
    const request = { entities: path("in.csv", CSV), features: ["plain", "fleeting:mood"], out };
    expect(await historicalFile(dataset, request)).toEqual({ rows: 3, columns: 4 });
    expect(readFileSync(out, "utf8").trim().split("\n")).toEqual([
      "note,tmdb_id,event_timestamp,height,weight,tall,mood",
      '"a, b",1,2020-06-02T12:00:00Z,2.0,20.0,true,200.0',
      "007,2,1950-01-02,4.0,,,400.0",
      ",1,2019-01-01,,,,",
    ]);
  });

  it("takes ids as other tools write whole numbers, and moments without a zone as UTC", async () => {
    const out = join(folder, "zones.csv");
    const rows = ["1.0,2020-06-02T12:00:00", "1,2020-06-02 11:59:59", "1,2020-06-02T14:00:00+02:00"];
    const entities = path("zones-in.csv", ["tmdb_id,as_of", ...rows, ""].join("\n"));
    await historicalFile(dataset, { entities, features: ["plain:height"], out });
    expect(readFileSync(out, "utf8").trim().split("\n").slice(1)).toEqual(
      rows.map((row, i) => `${row},${[2, 1, 2][i]}.0`),
    );
  });

  it("writes Parquet, and reads it", async () => {
    const first = join(folder, "first.parquet");
    const second = join(folder, "second.csv");
    await historicalFile(dataset, { entities: path("in.csv", CSV), features: ["plain:height"], out: first });
    await historicalFile(dataset, { entities: first, features: ["fleeting:mood"], out: second });
    expect(readFileSync(second, "utf8").trim().split("\n")[1]).toBe('"a, b",1,2020-06-02 12:00:00+00,2.0,200.0');
  });

  it.each([
    ["event_timestamp", "1"],
    ["as_of", "1.0"],
  ])("gives the key and %s their types in Parquet, and leaves the others text", async (time, id) => {
    const out = join(folder, `${time}.parquet`);
    const entities = path(`${time}.csv`, `note,tmdb_id,${time}\n007,${id},2020-06-02T14:00:00+02:00\n`);
    await historicalFile(dataset, { entities, features: ["plain:height"], out });
    const { duckdb } = await dataset.query();
    const connection = await duckdb.connect();
    const described = await connection.runAndReadAll(`describe select * from ${parquetTable([out])}`);
    expect(described.getRows().map(([name, type]) => `${name} ${type}`)).toEqual([
      "note VARCHAR",
      "tmdb_id BIGINT",
      `${time} TIMESTAMP WITH TIME ZONE`,
      "height DOUBLE",
    ]);
    const rows = await connection.runAndReadAll(
      `select note, tmdb_id::integer, epoch_ms(${time})::double, height from ${parquetTable([out])}`,
    );
    expect(rows.getRows()).toEqual([["007", 1, Date.parse(NOON), 2]]);
    connection.closeSync();
  });

  it("reads the one file that is named, whatever characters are in its path", async () => {
    mkdirSync(join(folder, "day=1"));
    const [entities, out] = [path("day=1/a*[1].csv", "tmdb_id,as_of\n1,2020-06-03\n"), join(folder, "o*[1].csv")];
    path("day=1/ab1.csv", "tmdb_id,as_of\n2,2020-06-03\n");
    expect(await historicalFile(dataset, { entities, features: ["plain:height"], out })).toMatchObject({ rows: 1 });
    expect(readFileSync(out, "utf8")).toBe("tmdb_id,as_of,height\n1,2020-06-03,2.0\n");
  });

  it("knows the names of feature services where they are given", async () => {
    const [entities, out] = [path("service.csv", CSV), join(folder, "service-out.csv")];
    const services = { all: ["plain@1", "fleeting@1"] };
    expect(await historicalFile(dataset, { entities, features: ["all"], services, out })).toMatchObject({ columns: 4 });
    await expect(historicalFile(dataset, { entities, features: ["al"], services, out })).rejects.toMatchObject({
      ...{ code: "FEATURE_UNKNOWN", message: expect.stringContaining("Services: all.") },
    });
  });
});
