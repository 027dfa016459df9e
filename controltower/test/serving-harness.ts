import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { openObjectStore } from "@marquee/shared/backing/object-store/open-object-store";
import { createMemoryOnlineStore } from "@marquee/shared/backing/online-store/memory-online-store";
import { createRegistry, type Registry } from "@marquee/shared/registry/registry";
import { createLifecycle } from "@marquee/shared/service/lifecycle";
import { createLogger } from "@marquee/shared/service/logger";
import { createMetrics } from "@marquee/shared/service/metrics";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { createServing, type Serving, type ServingOptions } from "../src/serving/app.ts";
import { CLOCK } from "./predictor-harness.ts";
import { createPromotion, type Promotion } from "./promote-model.ts";
import { MATRIX, materialiseCatalog } from "./small-catalog.ts";

/** A database, an object store in a folder and the small catalog online, and what training and the gate would do. */
export interface ServingHarness {
  /** Where the object store's files lie. */
  folder: string;
  database: TestDatabase;
  registry: Registry;
  serve(options?: Partial<ServingOptions>): Promise<Serving>;
  /** Stores and registers a model and makes it champion. */
  promote: Promotion;
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
    promote: createPromotion({ database, objectStore, registry, clock: CLOCK }),
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
