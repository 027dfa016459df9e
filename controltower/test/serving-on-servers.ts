import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventBus, ReceivedMessage } from "@marquee/shared/backing/event-bus/event-bus";
import { openEventBus } from "@marquee/shared/backing/event-bus/open-event-bus";
import { openObjectStore } from "@marquee/shared/backing/object-store/open-object-store";
import { openOnlineStore } from "@marquee/shared/backing/online-store/open-online-store";
import { connectDatabase, type Database } from "@marquee/shared/backing/postgres/database";
import { migrate } from "@marquee/shared/backing/postgres/migrate";
import type { LiveTopic } from "@marquee/shared/contracts/topics";
import { createRegistry } from "@marquee/shared/registry/registry";
import { systemClock } from "@marquee/shared/service/clock";
import { loadSettings, setting } from "@marquee/shared/service/env";
import { createLogger } from "@marquee/shared/service/logger";
import { withDatabase } from "@marquee/shared/testing/embedded-setup";
import { type MarqueeProcess, startProcess } from "@marquee/shared/testing/marquee-process";
import { serverSetting } from "@marquee/shared/testing/real-servers";
import { z } from "zod";
import { servingSettings } from "../src/serving/env.ts";
import { createPromotion, type Promotion } from "./promote-model.ts";
import { CATALOG_VIEWS, materialiseCatalog } from "./small-catalog.ts";

const SERVERS = {
  DATABASE_URL: serverSetting("DATABASE_URL") ?? "",
  REDIS_URL: serverSetting("REDIS_URL") ?? "",
  OBJECT_STORE_URL: serverSetting("OBJECT_STORE_URL") ?? "",
  KAFKA_BROKERS: serverSetting("KAFKA_BROKERS") ?? "",
};
/** How the object store is reached, for the SDK that reads it in the processes' environment. */
const objectStoreAccess = z.object({
  S3_ENDPOINT: setting.text().default(""),
  AWS_REGION: setting.text().default(""),
  AWS_ACCESS_KEY_ID: setting.text().default(""),
  AWS_SECRET_ACCESS_KEY: setting.text().default(""),
});

export const SERVERS_ARE_THERE = !Object.values(SERVERS).includes("");

export interface ServingProcess extends MarqueeProcess {
  /** http://127.0.0.1:… */
  address: string;
}

/** Serving processes on real servers, with a database, keys and objects of their own there. */
export interface ServingOnServers {
  /** Of the processes' own database; `admin` is connected to another. */
  database: Database;
  admin: Database;
  databaseName: string;
  promote: Promotion;
  materialise(): Promise<void>;
  /** Resolves once the process listens. */
  start(changed?: Record<string, string>): Promise<ServingProcess>;
  /** The message of a topic whose value contains a text, such as an id. */
  received(topic: LiveTopic, text: string): Promise<ReceivedMessage>;
  close(): Promise<void>;
}

export async function createServingOnServers(): Promise<ServingOnServers> {
  const log = createLogger("test", "silent");
  const clock = systemClock;
  const name = `test_${randomBytes(6).toString("hex")}`;
  const folder = await mkdtemp(join(tmpdir(), "marquee-serving-"));
  const variables: Record<string, string> = {
    ...SERVERS,
    ...loadSettings(objectStoreAccess, { folder }),
    DATABASE_URL: withDatabase(SERVERS.DATABASE_URL, name),
    OBJECT_STORE_URL: `${SERVERS.OBJECT_STORE_URL}/${name}`,
    MARQUEE_PROFILE: name,
    SPOOL_FOLDER: join(folder, "spool"),
    PORT: "0",
    MODEL_POLL_MS: "100",
  };
  const settings = loadSettings(servingSettings, { folder, variables });

  const admin = connectDatabase({ url: SERVERS.DATABASE_URL, log, maxConnections: 1 });
  await admin.execute(`create database ${name}`);
  const database = connectDatabase({ url: settings.DATABASE_URL, log });
  await migrate(database, log);
  const onlineStore = openOnlineStore({ url: settings.REDIS_URL, clock, log, namespace: `marquee:${name}` });
  const { OBJECT_STORE_URL: url, S3_ENDPOINT: endpoint, AWS_REGION: region } = settings;
  const objectStore = await openObjectStore({ url, endpoint, region });
  const bus = await openEventBus({ settings, database, databaseUrl: settings.DATABASE_URL, log, clientId: "test" });
  const processes: MarqueeProcess[] = [];

  return {
    ...{ database, admin, databaseName: name },
    promote: createPromotion({ database, objectStore, registry: createRegistry(database, clock), clock }),
    materialise: () => materialiseCatalog(onlineStore, clock.now()),
    start: async (changed = {}) => {
      const serving = startProcess(["controltower/src/serving/main.ts"], { ...variables, ...changed });
      processes.push(serving);
      const [, port] = await serving.printed(/"port":(\d+),.*"predictions are answered"/);
      return Object.assign(serving, { address: `http://127.0.0.1:${port}` });
    },
    received: (topic, text) => receivedFrom(bus, topic, text),
    close: async () => {
      for (const serving of processes) serving.signal("SIGKILL"); // those of tests that failed
      await Promise.all(processes.map((serving) => serving.ended()));
      for (const view of CATALOG_VIEWS) await onlineStore.drop(view);
      await onlineStore.close();
      await bus.close();
      await database.close();
      await admin.execute(`drop database ${name} with (force)`);
      await admin.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function receivedFrom(bus: EventBus, topic: LiveTopic, text: string): Promise<ReceivedMessage> {
  const { promise, resolve } = Promise.withResolvers<ReceivedMessage>();
  const consumer = await bus.consume({
    group: `test-${randomBytes(6).toString("hex")}`,
    topics: [topic],
    handle: async (batch) => {
      const found = batch.find(({ value }) => value.includes(text));
      if (found) resolve(found);
    },
  });
  try {
    return await promise;
  } finally {
    await consumer.stop();
  }
}

/** As much of the answers' bodies as the tests look at. */
const bodySchema = z.looseObject({
  rating: z.number().optional(),
  id: z.string().optional(),
  results: z.array(z.unknown()).optional(),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean() })).optional(),
});

export interface Answer {
  status: number;
  traceId: string;
  text: string;
  /** Empty where the answer is no JSON. */
  body: z.infer<typeof bodySchema>;
}

export async function ask(serving: ServingProcess, path: string, body?: object): Promise<Answer> {
  const headers = { "content-type": "application/json" };
  const request = body === undefined ? {} : { method: "POST", headers, body: JSON.stringify(body) };
  const response = await fetch(`${serving.address}${path}`, request);
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  return {
    status: response.status,
    traceId: response.headers.get("x-trace-id") ?? "",
    text,
    body: isJson ? bodySchema.parse(JSON.parse(text)) : {},
  };
}
