import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import type { CalendarDate } from "@marquee/shared/contracts/time";
import { FILM } from "@marquee/shared/features/entities";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { createOfflineStore } from "@marquee/workhorse/offline-store/create-offline-store";
import { recordDataset } from "@marquee/workhorse/offline-store/dataset-records";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeDatasets } from "../features/datasets-report.ts";
import { writeHistory } from "../features/history-command.ts";

const folder = mkdtempSync(join(tmpdir(), "marquee-history-"));
const objectStore = createFileObjectStore(join(folder, "objects"));
const entities = join(folder, "films.csv");
const out = join(folder, "joined.csv");
let database: TestDatabase;
let hashes: string[];

const build = async (height: number, builtAt: string) => {
  const written = await createOfflineStore({ objectStore, cacheFolder: join(folder, "cache") }).write({
    ...{ builtAt, asOf: builtAt.slice(0, 10) as CalendarDate, catalogHash: "c".repeat(64), archiveHash: null },
    ...{ maturityDays: 0, viewsHash: "f".repeat(64), entity: FILM, online: [] },
    views: [{ name: "size", version: 1, hash: "0".repeat(64), columns: [{ name: "height", type: "float64" }] }],
    rows: [{ ids: Int32Array.of(603), eventTimes: Float64Array.of(0), values: Float64Array.of(height) }],
  });
  await recordDataset(database, written);
  return written.hash;
};

beforeAll(async () => {
  database = await createTestDatabase();
  writeFileSync(entities, "tmdb_id,as_of\n603,1999-03-31\n604,1999-03-31\n");
});
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

describe("before the first build", () => {
  it("there are no datasets, and no history of features", async () => {
    expect((await describeDatasets(database, 50)).text).toContain("No features have been built yet");
    await expect(writeHistory({ database, objectStore }, { entities, features: ["size"], out })).rejects.toMatchObject({
      ...{ code: "DATASET_UNKNOWN", message: expect.stringContaining("No features have been built yet") },
    });
  });
});

describe("after two builds", () => {
  beforeAll(async () => {
    hashes = [await build(1, "2026-11-20T05:00:00.000Z"), await build(2, "2026-11-21T05:00:00.000Z")];
  });

  it("features datasets lists them, the newest first, and --json has their whole hashes", async () => {
    const { text, detail } = await describeDatasets(database, 50);
    expect(text.split("\n").map((line) => line.split(/ {2,}/).slice(0, 4))).toEqual([
      ["dataset", "built (UTC)", "as of", "rows"],
      [hashes[1]?.slice(0, 12), "2026-11-21 05:00", "2026-11-21", expect.stringMatching(/^ ?1$/)],
      [hashes[0]?.slice(0, 12), "2026-11-20 05:00", "2026-11-20", expect.stringMatching(/^ ?1$/)],
    ]);
    expect(detail.datasets).toMatchObject([{ hash: hashes[1] }, { hash: hashes[0] }]);
    expect((await describeDatasets(database, 1)).rowsOut).toBe(1);
  });

  it("features history writes the latest one's, or those of the dataset that is named", async () => {
    const asked = { entities, features: ["size:height"], out };
    const { rowsOut, changed } = await writeHistory({ database, objectStore }, asked);
    expect([rowsOut, changed]).toEqual([2, `1 features of dataset ${hashes[1]?.slice(0, 12)} in ${out}`]);
    expect(readFileSync(out, "utf8")).toBe("tmdb_id,as_of,height\n603,1999-03-31,2.0\n604,1999-03-31,\n");
    await writeHistory({ database, objectStore }, { ...asked, dataset: hashes[0]?.slice(0, 12) ?? "" });
    expect(readFileSync(out, "utf8")).toContain("603,1999-03-31,1.0");
  });

  it("features history knows feature services by their names", async () => {
    const named = (feature: string) =>
      writeHistory({ database, objectStore }, { entities, features: [feature], out: join(folder, "service.csv") });
    // This dataset has none of the service's views: it is these that are missed.
    await expect(named("rating")).rejects.toThrow(/There is no feature view or service "\w+@\d+" in the dataset/);
    await expect(named("ratings")).rejects.toThrow(/no feature view or service "ratings".* Services: rating\./);
  });

  it("features history says how to see which datasets there are where none is meant", async () => {
    const asked = { entities, features: ["size:height"], out };
    const named = (dataset: string) => writeHistory({ database, objectStore }, { ...asked, dataset });
    await expect(named("xyz")).rejects.toThrow("No feature dataset begins with xyz");
  });
});
