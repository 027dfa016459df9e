import { join } from "node:path";
import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import { uuidv7 } from "@marquee/shared/service/ids";
import { createLogger } from "@marquee/shared/service/logger";
import type { TestDatabase } from "@marquee/shared/testing/test-database";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createOfflineStore } from "../src/offline-store/create-offline-store.ts";
import { manifestKey } from "../src/offline-store/dataset-manifest.ts";
import { recordDataset } from "../src/offline-store/dataset-records.ts";
import type { DatasetContent } from "../src/offline-store/offline-store.ts";
import { readManifest } from "../src/offline-store/open-dataset.ts";
import { withStepLock } from "../src/tasks/step-lock.ts";
import type { TaskContext } from "../src/tasks/task-context.ts";
import { contentOf, PLAIN } from "./offline-store-content.ts";
import { clock, createRetentionHarness, FOR_EVER, type RetentionHarness } from "./retention-harness.ts";

const TEN_DAYS = 10;
const NEW = "2026-03-01T00:00:00.000Z";

let database: TestDatabase;
let folder: string;
let objectStore: ObjectStore;
let context: TaskContext;

let harness: RetentionHarness;
beforeEach(async () => {
  harness = await createRetentionHarness();
  ({ database, folder, objectStore, context } = harness);
});
afterEach(() => harness.close());

const retain: RetentionHarness["retain"] = (days, changes) => harness.retain(days, changes);
const column = async (sql: string) =>
  (await database.query<{ value: unknown }>(`select ${sql}`)).map(({ value }) => value);

describe("feature datasets", () => {
  const build = async (builtAt: string, content: Partial<DatasetContent> = {}) => {
    const store = createOfflineStore({ objectStore, cacheFolder: join(folder, "cache") });
    const written = await store.write({ ...contentOf({ builtAt }), catalogHash: builtAt, ...content });
    await recordDataset(database, written);
    return written.hash;
  };
  const keys = async (prefix: string) => (await Array.fromAsync(objectStore.list(prefix))).map(({ key }) => key);
  const trainedOn = (hash: string) =>
    database.execute(
      `insert into training_runs (run_id, model_name, status, parameters, input_hash, dataset_hash, views_hash, backend, started_at, feature_dataset)
       values ($1, 'rating', 'succeeded', '{}', 'i', 's', 'v', 'wasm', now(), $2)`,
      [uuidv7(clock), hash],
    );

  it("go with the files that nothing else names, but for the newest three and what a model was trained on", async () => {
    const other = contentOf({ rows: [[7, "2001-01-01T00:00:00Z", 1, 2, 0, 4]] });
    const [gone, alone, trained] = [
      await build("2026-01-01T00:00:00.000Z"),
      await build("2026-01-02T00:00:00.000Z", { rows: other.rows, online: [] }),
      await build("2026-01-03T00:00:00.000Z"),
    ];
    const newest = [await build("2026-01-04T00:00:00.000Z"), await build("2026-01-05T00:00:00.000Z"), await build(NEW)];
    await trainedOn(trained);
    const files = await keys("features/files");
    expect(await retain({ features: TEN_DAYS })).toEqual({
      ...{ feature_datasets: 2, "dataset manifests": 2, "dataset files": 1 },
    });
    const left = [trained, ...newest];
    expect((await keys("features/datasets")).sort()).toEqual(left.map(manifestKey).sort());
    expect(files.length - (await keys("features/files")).length).toBe(1);
    expect(await column("count(*)::integer as value from feature_datasets")).toEqual([left.length]);
    for (const hash of [gone, alone])
      await expect(readManifest(objectStore, hash)).rejects.toThrow("no feature dataset");
    const dataset = await createOfflineStore({ objectStore, cacheFolder: join(folder, "other") }).open(trained);
    expect((await Array.fromAsync(dataset.latestRows(PLAIN))).flat()).toHaveLength(3);
    await dataset.close();
    expect(await retain({ features: TEN_DAYS })).toMatchObject({ feature_datasets: 0, "dataset files": 0 });
  });

  it("go where a source's time is up, also those that a model was trained on; the newest stays", async () => {
    await trainedOn(await build("2026-01-01T00:00:00.000Z"));
    const newest = await build("2026-01-02T00:00:00.000Z");
    expect(await retain({ imdb: TEN_DAYS })).toMatchObject({ feature_datasets: 1 });
    expect(await column("dataset_hash as value from feature_datasets")).toEqual([newest]);
  });

  it("lose what a stopped build has left, and go on where they were killed", async () => {
    const kept = await build(NEW);
    const files = await keys("features/files");
    await build("2026-01-02T00:00:00.000Z", { online: [], rows: [] });
    await database.execute("delete from feature_datasets where dataset_hash <> $1", [kept]);
    await objectStore.put(`features/files/${"a".repeat(64)}.parquet`, "of a write that was killed");
    const failing: ObjectStore = { ...objectStore, remove: () => Promise.reject(new TypeError("killed")) };
    await expect(retain({ features: 1 }, { objectStore: failing })).rejects.toThrow("killed");
    expect(await retain({ features: 1 })).toEqual({
      ...{ feature_datasets: 0, "dataset manifests": 1, "dataset files": 1 },
    });
    expect(await keys("features/files")).toEqual(files);
    expect(await keys("features/datasets")).toEqual([manifestKey(kept)]);
  });

  it("are left alone while features are built, and where everything is kept for ever", async () => {
    const controller = new AbortController();
    const log = createLogger("test", "silent");
    const waiting = { ...log, info: () => controller.abort(new TypeError("still waiting")) } as unknown as typeof log;
    await withStepLock(context, "features", async () => {
      const stopped = retain({ features: 1 }, { signal: controller.signal, log: waiting });
      await expect(stopped).rejects.toMatchObject({ cause: { message: "still waiting" } });
      expect(await retain(FOR_EVER)).toEqual({});
    });
  });
});
