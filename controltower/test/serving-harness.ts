import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { openObjectStore } from "@marquee/shared/backing/object-store/open-object-store";
import { createMemoryOnlineStore } from "@marquee/shared/backing/online-store/memory-online-store";
import { RATING_MODEL } from "@marquee/shared/contracts/model-version";
import { encodeArtifact } from "@marquee/shared/model/artifact";
import type { RatingModel } from "@marquee/shared/model/rating-model";
import { createRegistry, type Registry } from "@marquee/shared/registry/registry";
import { uuidv7 } from "@marquee/shared/service/ids";
import { createLifecycle } from "@marquee/shared/service/lifecycle";
import { createLogger } from "@marquee/shared/service/logger";
import { createMetrics } from "@marquee/shared/service/metrics";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { createServing, type Serving, type ServingOptions } from "../src/serving/app.ts";
import { CLOCK } from "./predictor-harness.ts";
import { MATRIX, materialiseCatalog } from "./small-catalog.ts";
import { TINY_METRICS } from "./tiny-model.ts";

/** A database, an object store in a folder and the small catalog online, and what training and the gate would do. */
export interface ServingHarness {
  /** Where the object store's files lie. */
  folder: string;
  database: TestDatabase;
  registry: Registry;
  serve(options?: Partial<ServingOptions>): Promise<Serving>;
  /** Stores and registers a model and makes it champion. */
  promote(model: RatingModel, reason?: string): Promise<{ version: number; artifactKey: string }>;
  close(): Promise<void>;
}

export async function createServingHarness(): Promise<ServingHarness> {
  const log = createLogger("test", "silent");
  const lifecycle = createLifecycle(log);
  const folder = await mkdtemp(join(tmpdir(), "marquee-serving-"));
  const database = await createTestDatabase();
  const objectStore = await openObjectStore({ url: pathToFileURL(folder).href });
  const onlineStore = createMemoryOnlineStore(CLOCK);
  await materialiseCatalog(onlineStore, CLOCK.now());
  const registry = createRegistry(database, CLOCK);

  async function trainedRun(viewsHash: string): Promise<string> {
    const runId = uuidv7(CLOCK);
    await database.execute(
      `insert into training_runs (run_id, model_name, status, parameters, input_hash, dataset_hash, views_hash, backend, started_at)
       values ($1, $2, 'succeeded', '{}', 'input', 'dataset', $3, 'wasm', $4)`,
      [runId, RATING_MODEL, viewsHash, CLOCK.now()],
    );
    return runId;
  }

  return {
    folder,
    database,
    registry,
    serve: async (options = {}) => {
      const serving = await createServing({
        ...{ database, objectStore, onlineStore, clock: CLOCK, log, lifecycle, metrics: createMetrics("test") },
        showSourceRatings: true,
        ...options,
      });
      lifecycle.onStop("http", () => serving.http.close());
      return serving;
    },
    promote: async (model, reason = "Better.") => {
      const artifact = encodeArtifact(model);
      const artifactKey = `models/rating/${artifact.sha256}`;
      await objectStore.put(`${artifactKey}/weights.bin`, artifact.weights);
      await objectStore.put(`${artifactKey}/manifest.json`, artifact.manifest);
      const { version } = await registry.registerVersion({
        name: RATING_MODEL,
        runId: await trainedRun(model.manifest.viewsHash),
        artifactKey,
        artifactSha256: artifact.sha256,
        metrics: TINY_METRICS,
      });
      await registry.moveAlias({ name: RATING_MODEL, alias: "champion", to: version, by: "gate", reason, metrics: {} });
      return { version, artifactKey };
    },
    close: async () => {
      await lifecycle.stop();
      await database.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Sends a body, as it is where it is text. */
export function post({ http }: Serving, payload: object | string, url = "/predict") {
  return http.inject({ method: "POST", url, payload, headers: { "content-type": "application/json" } });
}

/** The version that answers and its rating of one film, to two decimals. */
export async function answerOf(serving: Serving): Promise<[version: number, rating: number]> {
  const { rating, model } = (await post(serving, { movie: { tmdbId: MATRIX.tmdbId } })).json();
  return [model.version, Math.round(rating * 100) / 100];
}
