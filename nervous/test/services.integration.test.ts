import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { EventBus } from "@marquee/shared/backing/event-bus/event-bus";
import { openEventBus } from "@marquee/shared/backing/event-bus/open-event-bus";
import type { LogStore } from "@marquee/shared/backing/log-store/log-store";
import { openLogStore } from "@marquee/shared/backing/log-store/open-log-store";
import { connectDatabase, type Database } from "@marquee/shared/backing/postgres/database";
import { deadLetterSchema } from "@marquee/shared/contracts/dead-letter";
import type { LiveTopic } from "@marquee/shared/contracts/topics";
import { eventBusSettings } from "@marquee/shared/service/backing-settings";
import { systemClock } from "@marquee/shared/service/clock";
import { uuidv7 } from "@marquee/shared/service/ids";
import { createLogger } from "@marquee/shared/service/logger";
import { withDatabase } from "@marquee/shared/testing/embedded-setup";
import { type MarqueeProcess, startProcess } from "@marquee/shared/testing/marquee-process";
import { ownServer, serverSetting } from "@marquee/shared/testing/real-servers";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

const log = createLogger("test", "silent");
const adminUrl = serverSetting("DATABASE_URL") ?? "";
const ELASTICSEARCH_URL = serverSetting("ELASTICSEARCH_URL") ?? "";
// Of its own: the services' topics have one name, and others would find each other's messages there.
const kafka = ownServer("kafka");
const absent = kafka === undefined || adminUrl === "" || ELASTICSEARCH_URL === "";
const PATIENT = { timeout: 60_000, interval: 50 };

describe.skipIf(absent)("the nervous services, as processes on real servers", () => {
  const name = `test_${randomBytes(6).toString("hex")}`;
  let admin: Database;
  let database: Database;
  let folder: string;
  let variables: Record<string, string>;
  let bus: EventBus;
  let logStore: LogStore;
  const processes: MarqueeProcess[] = [];

  beforeAll(async () => {
    admin = connectDatabase({ url: adminUrl, log, maxConnections: 1 });
    await admin.execute(`create database ${name}`);
    const DATABASE_URL = withDatabase(adminUrl, name);
    database = connectDatabase({ url: DATABASE_URL, log });
    folder = await mkdtemp(join(tmpdir(), "marquee-nervous-"));
    const { KAFKA_BROKERS = "" } = (await kafka?.start()) ?? {};
    variables = {
      ...{ KAFKA_BROKERS, DATABASE_URL, ELASTICSEARCH_URL },
      OBJECT_STORE_URL: pathToFileURL(join(folder, "objects")).href,
      SPOOL_FOLDER: join(folder, "spool"),
      PORT: "0",
    };
    const settings = z.object(eventBusSettings).parse(variables);
    bus = await openEventBus({ settings, database, databaseUrl: DATABASE_URL, log, clientId: "test" });
    await bus.applyTopics();
    logStore = await openLogStore({ settings: { ELASTICSEARCH_URL }, database });
  });
  afterEach(async () => {
    for (const one of processes.splice(0)) {
      one.signal("SIGKILL");
      await one.ended();
    }
  });
  afterAll(async () => {
    await bus?.close();
    await logStore?.close();
    await database?.close();
    await admin?.execute(`drop database if exists ${name} with (force)`);
    await admin?.close();
    await kafka?.wipe();
    if (folder) await rm(folder, { recursive: true });
  });

  /** Resolves once the service answers, with its process and its address. */
  async function start(service: "logs" | "events" | "quality") {
    const started = startProcess([`nervous/src/${service}/main.ts`], variables);
    processes.push(started);
    const [, port] = await started.printed(/"port":(\d+)/);
    return { process: started, url: `http://127.0.0.1:${port}` };
  }
  const lines = (traceId: string, count: number) =>
    Array.from({ length: count }, (_, i) => ({
      ...{ id: uuidv7(systemClock), time: new Date().toISOString(), level: "info", service: "serving" },
      ...{ instance: `serving-host-${i % 7}`, traceId, msg: `line ${i}` },
    }));
  const publish = (topic: LiveTopic, messages: readonly { id: string }[]) =>
    bus.publish(
      topic,
      messages.map((message, i) => ({ id: message.id, key: String(i % 7), value: JSON.stringify(message) })),
    );
  const found = async (traceId: string) => (await logStore.find({ traceId, limit: 1_000 })).map(({ id }) => id);

  it("bring log lines into Elasticsearch, found by their trace id, and report themselves", async () => {
    const traceId = uuidv7(systemClock);
    const written = lines(traceId, 100);
    const { process, url } = await start("logs");
    await publish("logs", written);
    await expect.poll(async () => (await found(traceId)).length, PATIENT).toBe(100);
    expect((await found(traceId)).toSorted()).toEqual(written.map(({ id }) => id).toSorted());
    await expect.poll(async () => (await fetch(`${url}/ready`)).status, PATIENT).toBe(200);
    expect(await (await fetch(`${url}/ready`)).json()).toMatchObject({ status: "ready" });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/marquee_messages_consumed_total\{topic="logs",outcome="stored",service="logs"\} \d{3}/);
    process.signal("SIGTERM");
    expect(await process.ended()).toBe(0);
  });

  it("bring their own log lines into Elasticsearch", async () => {
    const before = new Date();
    await start("logs");
    const started = () => logStore.find({ service: "logs", text: "started", from: before });
    await expect.poll(async () => (await started()).length, PATIENT).toBeGreaterThan(0);
  });

  it("put a line that cannot be read or stored into the dead-letter topic, with the reason", async () => {
    const traceId = uuidv7(systemClock);
    const letters = new Map<string, string>();
    await bus.consume({
      group: name,
      topics: ["logs.dead"],
      handle: async (batch) => {
        for (const { value } of batch) {
          const letter = deadLetterSchema.parse(JSON.parse(value));
          letters.set(letter.id, letter.reason);
        }
      },
    });
    const [good, unreadable, unstorable] = lines(traceId, 3);
    await start("logs");
    await publish("logs", [
      { ...unreadable, id: unreadable?.id ?? "", level: "loud" } as { id: string },
      { ...good, id: good?.id ?? "" },
      { ...unstorable, id: unstorable?.id ?? "", "a\u0000b": 1 } as { id: string },
    ]);
    await expect.poll(() => letters.size, PATIENT).toBe(2);
    expect(letters.get(unreadable?.id ?? "")).toContain("at level");
    expect(letters.get(unstorable?.id ?? "")).toContain("reserved character");
    await expect.poll(() => found(traceId), PATIENT).toEqual([good?.id]);
  });

  it("lose no line and store none twice when they are killed amid their work", async () => {
    const traces = Array.from({ length: 8 }, () => uuidv7(systemClock));
    const written = traces.map((traceId) => lines(traceId, 900));
    const count = async () => (await Promise.all(traces.map(found))).flat().length;
    await publish("logs", written.flat());
    const { process } = await start("logs");
    await expect.poll(count, { ...PATIENT, interval: 5 }).toBeGreaterThan(0);
    process.signal("SIGKILL");
    await process.ended();
    expect(await count()).toBeLessThan(written.flat().length);
    await start("logs");
    await expect.poll(() => bus.lag("logs", ["logs"]), PATIENT).toEqual({ logs: 0 });
    const stored = await Promise.all(traces.map(found));
    expect(stored.map((ids) => ids.toSorted())).toEqual(written.map((some) => some.map(({ id }) => id).toSorted()));
  });

  it("bring user events and predictions into the database, and stop clean", async () => {
    const [events, quality] = [await start("events"), await start("quality")];
    const at = new Date().toISOString();
    const ratings = Array.from({ length: 50 }, (_, i) => ({
      ...{ id: uuidv7(systemClock), type: "rating", userId: `user-${i}`, tmdbId: 603, rating: 7, at },
      ...{ receivedAt: at, traceId: "a trace" },
    }));
    const predictions = Array.from({ length: 50 }, (_, i) => ({
      ...{ id: uuidv7(systemClock), at, traceId: "a trace", tmdbId: i + 1, asOf: at.slice(0, 10), rating: 6 },
      ...{ model: { name: "rating", version: 1 }, interval: { lower: 5, upper: 7 } },
      ...{ actualKnown: false, missing: [], stale: [] },
    }));
    await publish("events.user", [...ratings, ...ratings]);
    await publish("predictions", [...predictions, ...predictions]);
    const rows = async (table: string) =>
      (await database.query<{ n: number }>(`select count(*)::int as n from ${table}`))[0]?.n;
    await expect.poll(() => rows("user_ratings"), PATIENT).toBe(50);
    await expect.poll(() => rows("predictions"), PATIENT).toBe(50);
    expect(await rows("user_events")).toBe(50);
    const metrics = await (await fetch(`${quality.url}/metrics`)).text();
    expect(metrics).toMatch(/marquee_quality_computed_timestamp_seconds\{service="quality"\} \d+/);
    for (const { process } of [events, quality]) {
      process.signal("SIGTERM");
      expect(await process.ended()).toBe(0);
    }
  });
});
