import { createMemoryOnlineStore } from "@marquee/shared/backing/online-store/memory-online-store";
import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import { encodeFeatureRow, onlineRowKey } from "@marquee/shared/features/feature-row";
import { type ColumnSchema, type Entity, type ViewSchema, viewKey } from "@marquee/shared/features/feature-view";
import type { Clock } from "@marquee/shared/service/clock";
import { createLogger } from "@marquee/shared/service/logger";
import { createMetrics } from "@marquee/shared/service/metrics";
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { createFeatureServer, type FeatureServerOptions } from "../src/feature-server/app.ts";

export const NOW = new Date("2026-03-01T12:00:00Z");
export const CLOCK: Clock = { now: () => NOW };
export const HOUR_SECONDS = 3_600;

const FILM: Entity = { name: "film", joinKey: "tmdb_id", description: "A film" };

function column(name: string, type: ColumnSchema["type"] = "float64"): ColumnSchema {
  return { name, type, default: Number.NaN };
}

export const METADATA: ViewSchema = {
  name: "metadata",
  version: 2,
  entity: FILM,
  ttlSeconds: 26 * HOUR_SECONDS,
  columns: [column("runtime"), column("is_drama", "bool"), column("budget")],
};
export const RECORDS: ViewSchema = {
  name: "records",
  version: 1,
  entity: FILM,
  ttlSeconds: HOUR_SECONDS,
  columns: [column("mean_rating")],
};

/** A film's row of a view, and how old it is. */
export interface PutRow {
  view: ViewSchema;
  id: number;
  eventTime: Date;
  values: readonly number[];
  ageSeconds?: number;
}

export async function putRows(onlineStore: OnlineStore, rows: readonly PutRow[]): Promise<void> {
  await onlineStore.write(
    rows.map(({ view, id, eventTime, values, ageSeconds = 0 }) => ({
      ...onlineRowKey(view, id),
      value: encodeFeatureRow({ eventTime: eventTime.getTime(), values: Float64Array.from(values) }),
      materializedAt: new Date(NOW.getTime() - ageSeconds * 1000),
      ttlSeconds: view.ttlSeconds,
    })),
  );
}

/** The server over a memory of its own, and how often that was read. */
export interface FeatureServerHarness {
  http: FastifyInstance;
  onlineStore: OnlineStore;
  reads(): number;
  ask(body: object | string, headers?: Record<string, string>): Promise<LightMyRequestResponse>;
}

export function createFeatureServerHarness(options: Partial<FeatureServerOptions> = {}): FeatureServerHarness {
  const memory = createMemoryOnlineStore(CLOCK);
  let reads = 0;
  const onlineStore: OnlineStore = {
    ...memory,
    read: (keys) => {
      reads++;
      return memory.read(keys);
    },
  };
  const http = createFeatureServer({
    onlineStore,
    clock: CLOCK,
    log: createLogger("test", "silent"),
    metrics: createMetrics("feature-server"),
    served: { views: [METADATA, RECORDS], services: [{ name: "rating", views: [METADATA, RECORDS] }] },
    token: undefined,
    ...options,
  });
  return {
    http,
    onlineStore,
    reads: () => reads,
    ask: (payload, headers = {}) =>
      http.inject({
        method: "POST",
        url: "/get-online-features",
        payload,
        headers: { "content-type": "application/json", ...headers },
      }),
  };
}

/** As a materialisation does it once all rows are written. */
export async function confirm(onlineStore: OnlineStore, view: ViewSchema, ageSeconds: number): Promise<void> {
  await onlineStore.confirm(viewKey(view), { at: new Date(NOW.getTime() - ageSeconds * 1000), source: "dataset" });
}
