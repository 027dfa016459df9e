import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { type BusMessage, type EventBus, MAX_MESSAGE_BYTES } from "../src/backing/event-bus/event-bus.ts";
import type { EventPublisher } from "../src/backing/event-bus/event-publisher.ts";
import { createPostgresEventBus } from "../src/backing/event-bus/postgres-event-bus.ts";
import { shipLogs } from "../src/backing/event-bus/ship-logs.ts";
import { createEventPublisher, type PublisherOptions } from "../src/backing/event-bus/spooled-publisher.ts";
import { eventBusSettings } from "../src/service/backing-settings.ts";
import { systemClock } from "../src/service/clock.ts";
import { MarqueeError } from "../src/service/errors.ts";
import { uuidv7 } from "../src/service/ids.ts";
import { createLogRelay } from "../src/service/log-relay.ts";
import { createLogger } from "../src/service/logger.ts";
import { createMetrics, type Metrics } from "../src/service/metrics.ts";
import { createTestDatabase, type TestDatabase } from "../src/testing/test-database.ts";

/** Written as in production, to nowhere: a line that cannot be written is a fault too. */
const log = createLogger("test", "trace", { write: () => undefined });
const settings = z.object(eventBusSettings).parse({});
const MEGABYTE = 1024 * 1024;
const SPOOLER = fileURLToPath(new URL("spool-and-wait.ts", import.meta.url));

/** The bus of PostgreSQL behind a line that can be cut, or go silent. */
interface CuttableBus extends EventBus {
  line: "up" | "cut" | "silent";
  /** Resolves with the next call of `publish`. */
  nextCall(): Promise<void>;
  connect(): void;
}

let database: TestDatabase;
let folder: string;
let bus: CuttableBus;
let metrics: Metrics;
let publishers: EventPublisher[];

function cuttable(inner: EventBus): CuttableBus {
  let called = Promise.withResolvers<void>();
  let connected = Promise.withResolvers<void>();
  const wrapped: CuttableBus = {
    ...inner,
    line: "up",
    nextCall: () => called.promise,
    connect: () => {
      wrapped.line = "up";
      connected.resolve();
      connected = Promise.withResolvers();
    },
    publish: async (topic, messages) => {
      called.resolve();
      called = Promise.withResolvers();
      if (wrapped.line === "silent") await connected.promise;
      if (wrapped.line === "cut") throw new MarqueeError("EVENT_BUS_UNAVAILABLE", "The line is cut.");
      await inner.publish(topic, messages);
    },
  };
  return wrapped;
}

const open = async (changes: Partial<PublisherOptions> = {}) => {
  const options = { bus, folder, maxBytes: MEGABYTE, log, metrics, clock: systemClock, service: "serving" };
  const publisher = await createEventPublisher({ ...options, ...changes });
  publishers.push(publisher);
  return publisher;
};
const message = (n: number, key = "key"): BusMessage => ({ id: uuidv7(systemClock), key, value: String(n) });
const received = async () =>
  (await database.query<{ value: string }>("select value from bus_messages order by seq")).map(({ value }) => value);
/** Waits until the bus has so many messages: its consumer is told of each batch. */
async function arrived(count: number): Promise<string[]> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const ids = new Set<string>();
  const consumer = await bus.consume({
    group: uuidv7(systemClock),
    topics: ["logs", "events.user"],
    handle: async (batch) => {
      for (const { id } of batch) ids.add(id);
      if (ids.size >= count) resolve();
    },
  });
  await promise;
  await consumer.stop();
  return received();
}
const files = async () => (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".jsonl"));
const metric = async (name: string) =>
  Number(new RegExp(`^marquee_${name}(?:{[^}]*})? (\\d+)`, "m").exec(await metrics.text())?.[1] ?? 0);

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "marquee-spool-"));
  bus = cuttable(createPostgresEventBus({ settings, database, databaseUrl: database.url, log }));
  metrics = createMetrics("serving");
  publishers = [];
});
afterEach(async () => {
  bus.connect();
  await Promise.all(publishers.map((publisher) => publisher.stop()));
  await bus.close();
  await database.execute("truncate bus_messages, bus_positions");
  await rm(folder, { recursive: true });
});

describe("a publisher while the bus is there", () => {
  it("has what is published in the bus, and what is offered soon after, without touching the disk", async () => {
    const publisher = await open();
    for (let i = 0; i < 100; i++) publisher.offer("logs", message(i));
    await publisher.publish("logs", message(100));
    expect(await received()).toEqual(Array.from({ length: 101 }, (_, i) => String(i)));
    publisher.offer("logs", message(101));
    expect(await arrived(102)).toHaveLength(102);
    expect(await files()).toEqual([]);
    expect(publisher.problem()).toBeUndefined();
    expect(await metric("messages_published_total")).toBe(102);
    expect(await metric("messages_dropped_total")).toBe(0);
  });

  it("sends what is published at once together, in few calls", async () => {
    const publisher = await open();
    let calls = 0;
    const { publish } = bus;
    bus.publish = (topic, messages) => {
      calls++;
      return publish(topic, messages);
    };
    await Promise.all(Array.from({ length: 1_200 }, (_, i) => publisher.publish("logs", message(i))));
    expect(calls).toBeLessThanOrEqual(4);
    expect(await received()).toEqual(Array.from({ length: 1_200 }, (_, i) => String(i)));
  });

  it("sends what was offered a moment ago before it stops, and takes nothing after", async () => {
    const publisher = await open();
    publisher.offer("logs", message(1));
    await publisher.stop();
    expect(await received()).toEqual(["1"]);
    publisher.offer("logs", message(2));
    expect(await metric("messages_dropped_total")).toBe(1);
    await expect(publisher.publish("logs", message(3))).rejects.toMatchObject({ code: "EVENT_BUS_UNAVAILABLE" });
    expect(await readdir(join(folder, "serving"))).toEqual([]);
  });

  it.each([
    ["over the bus's size", { id: "1", key: "key", value: "x".repeat(MAX_MESSAGE_BYTES) }, "BODY_TOO_LARGE"],
    ["with a NUL", { id: "1", key: "a\0", value: "1" }, "REQUEST_INVALID"],
  ])("refuses a message %s at once, so that it never stands in others' way", async (_what, wrong, code) => {
    const publisher = await open();
    await expect(publisher.publish("logs", wrong)).rejects.toMatchObject({ code });
    publisher.offer("logs", wrong);
    expect(await metric("messages_dropped_total")).toBe(1);
    await publisher.publish("logs", message(1));
    expect(await received()).toEqual(["1"]);
  });
});

describe("a publisher while the bus is away", () => {
  it("keeps messages on the disk, says so, and sends them in order once the bus is back", async () => {
    const publisher = await open();
    await publisher.publish("logs", message(0));
    bus.line = "cut";
    for (let i = 1; i <= 20; i++) {
      if (i % 2 === 0) publisher.offer("logs", message(i));
      else await publisher.publish("logs", message(i));
    }
    expect(publisher.problem()).toMatch(/^\d+ bytes of messages wait on the disk: The line is cut\.$/);
    expect(await files()).not.toEqual([]);
    expect(await metric("spool_bytes")).toBeGreaterThan(500);
    bus.connect();
    await publisher.publish("logs", message(21));
    expect(await arrived(22)).toEqual(Array.from({ length: 22 }, (_, i) => String(i)));
    await publisher.stop();
    expect(await files()).toEqual([]);
    expect(await metric("spool_bytes")).toBe(0);
  });

  it("keeps the order of each key however often the line is cut amid the flow", async () => {
    const publisher = await open();
    const count = 3_000;
    for (let i = 0; i < count; i++) {
      if (i % 400 === 399) bus.line = "cut";
      if (i % 400 === 250) bus.connect();
      publisher.offer("logs", message(Math.floor(i / 3), `key ${i % 3}`));
      if (i % 7 === 0) await publisher.publish("events.user", message(i, "user"));
    }
    bus.connect();
    await arrived(count + Math.ceil(count / 7));
    const rows = await database.query<{ topic: string; key: string; message_id: string; value: string }>(
      "select topic, key, message_id, value from bus_messages order by seq",
    );
    const first = new Map(rows.toReversed().map((row) => [row.message_id, row])).values().toArray().toReversed();
    for (const ofKey of Map.groupBy(first, ({ topic, key }) => topic + key).values()) {
      const numbers = ofKey.map(({ value }) => Number(value));
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    }
    expect(await metric("messages_dropped_total")).toBe(0);
  });

  it("lets nobody who publishes wait for a bus that does not answer", async () => {
    const publisher = await open();
    bus.line = "silent";
    await publisher.publish("logs", message(1));
    expect(publisher.problem()).toContain("no answer within");
    await publisher.publish("logs", message(2));
    expect(await received()).toEqual([]);
    bus.connect();
    // The first came with the call that was silent, and again from the disk, before the second.
    await arrived(2);
    expect([...new Set(await received())]).toEqual(["1", "2"]);
  });

  it("is full at its bound: what is published is refused, what is offered is counted as dropped, the rest is kept", async () => {
    const publisher = await open({ maxBytes: 1_000 });
    bus.line = "cut";
    await publisher.publish("logs", { ...message(1), value: "x".repeat(500) });
    const large = { ...message(2), value: "y".repeat(500) };
    await expect(publisher.publish("logs", large)).rejects.toMatchObject({ code: "SPOOL_FULL", retriable: true });
    publisher.offer("logs", large);
    await publisher.publish("logs", { ...message(3), value: "z".repeat(200) });
    // Nine tenths of the spool are full, and the last one is kept for what is published.
    publisher.offer("logs", { ...message(4), value: "four" });
    await publisher.publish("logs", message(5));
    expect(await metric("messages_dropped_total")).toBe(2);
    bus.connect();
    expect(await arrived(3)).toEqual(["x".repeat(500), "z".repeat(200), "5"]);
    await publisher.publish("logs", large);
  });

  it("says that a message is lost where the disk does not take it either", async () => {
    const publisher = await open();
    bus.line = "cut";
    await rm(join(folder, "serving"), { recursive: true });
    await expect(publisher.publish("logs", message(1))).rejects.toMatchObject({ code: "SPOOL_FULL" });
    publisher.offer("logs", message(2));
    await expect(publisher.publish("logs", message(3))).rejects.toMatchObject({ code: "SPOOL_FULL" });
    expect(await metric("messages_dropped_total")).toBe(1);
  });

  it("goes on where somebody has removed what was on the disk, and says that it is lost", async () => {
    const lines: string[] = [];
    const publisher = await open({ log: createLogger("serving", "error", { write: (line) => lines.push(line) }) });
    bus.line = "cut";
    await publisher.publish("logs", message(1));
    // Once the first file is read, what comes goes to another.
    await bus.nextCall();
    await publisher.publish("logs", message(2));
    for (const file of await files()) await rm(join(folder, file));
    bus.connect();
    await expect.poll(() => publisher.problem(), { timeout: 5_000 }).toBeUndefined();
    await publisher.publish("logs", message(3));
    expect(await received()).toEqual(["1", "3"]);
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual([expect.stringContaining("messages are lost")]);
  });

  it("does not feed the log with its own lines about the bus", async () => {
    const relay = createLogRelay();
    const lines: string[] = [];
    const counted = {
      write: (line: string) => {
        lines.push(line);
        relay.stream.write(line);
      },
    };
    const publisher = await open({ log: createLogger("serving", "debug", counted) });
    shipLogs({ relay, publisher });
    bus.line = "cut";
    await publisher.publish("events.user", message(1));
    for (let call = 0; call < 3; call++) await bus.nextCall();
    bus.connect();
    await arrived(2);
    await publisher.stop();
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
      expect.stringContaining("the event bus is away"),
      expect.stringContaining("the event bus is back"),
    ]);
  });
});

describe("a publisher's spool after its process", () => {
  it("is sent by the next process of the service, before anything new", async () => {
    const before = await open();
    bus.line = "cut";
    for (let i = 0; i < 5; i++) await before.publish("logs", message(i));
    await before.stop();
    bus.connect();
    const after = await open({ metrics: createMetrics("serving") });
    await after.publish("logs", message(5));
    expect(await arrived(6)).toEqual(["0", "1", "2", "3", "4", "5"]);
    await after.stop();
    expect(await readdir(join(folder, "serving"))).toEqual([]);
  });

  it("survives a process that is killed, half a last line too", async () => {
    const child = spawn(process.execPath, [SPOOLER, join(folder, "serving"), "3"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    bus.line = "cut";
    const beside = await open();
    await beside.publish("logs", message(10));
    expect(await files()).toHaveLength(2);
    child.kill("SIGKILL");
    await once(child, "exit");
    const [killed] = (await files()).sort();
    await appendFile(join(folder, killed ?? ""), '{"topic":"logs","id":"torn","key":"k');
    bus.connect();
    await open({ metrics: createMetrics("next") });
    await arrived(4);
    expect((await received()).sort()).toEqual(["0", "1", "10", "2"]);
  });

  it("stays with its process while that lives, and with its service", async () => {
    const [one, other] = [await open(), await open({ metrics: createMetrics("serving") })];
    bus.line = "cut";
    await one.publish("logs", message(1));
    await other.publish("logs", message(2));
    const third = await open({ metrics: createMetrics("serving") });
    const worker = await open({ metrics: createMetrics("worker"), service: "worker" });
    expect([third.problem(), worker.problem()]).toEqual([undefined, undefined]);
    bus.connect();
    await arrived(2);
    expect((await received()).sort()).toEqual(["1", "2"]);
  });

  it("is found beside files that are none of its own, and folders that are empty", async () => {
    const parent = join(folder, "serving");
    await mkdir(join(parent, "empty"), { recursive: true });
    await appendFile(join(parent, "notes.txt"), "");
    const publisher = await open();
    await publisher.publish("logs", message(1));
    await publisher.stop();
    expect(await readdir(parent)).toEqual(["notes.txt"]);
  });

  it("is not opened where the folder cannot be used", async () => {
    await appendFile(join(folder, "file"), "");
    await expect(open({ folder: join(folder, "file") })).rejects.toMatchObject({ code: "FOLDER_UNUSABLE" });
  });
});
