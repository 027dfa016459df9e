import type { LogStore } from "@marquee/shared/backing/log-store/log-store";
import { createPostgresLogStore } from "@marquee/shared/backing/log-store/postgres-log-store";
import { MarqueeError } from "@marquee/shared/service/errors";
import { uuidv7 } from "@marquee/shared/service/ids";
import { createLifecycle } from "@marquee/shared/service/lifecycle";
import { createLogger } from "@marquee/shared/service/logger";
import { createMetrics } from "@marquee/shared/service/metrics";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { consumeLogs } from "../src/logs/consume-logs.ts";
import { type BusHarness, createBusHarness } from "./bus-harness.ts";

describe("log lines on their way into the log store", () => {
  let harness: BusHarness;
  let logStore: LogStore;
  beforeEach(async () => {
    harness = await createBusHarness();
    logStore = createPostgresLogStore({ database: harness.database });
  });
  afterEach(() => harness.close());

  /** A line as the product's own logger writes it. */
  const written = (fields: object, message: string, level: "info" | "error" = "info"): string => {
    const lines: string[] = [];
    createLogger("serving", "trace", { write: (line) => lines.push(line) })[level](fields, message);
    return lines.join("");
  };
  const publish = (...lines: string[]) => harness.publish("logs", ...lines.map((line) => JSON.parse(line)));
  const messages = async (traceId: string) => (await logStore.find({ traceId })).map(({ msg }) => msg);

  it("are found by their trace id", async () => {
    await consumeLogs({ ...harness, logStore });
    const traceId = uuidv7(harness.clock);
    await publish(
      written({ traceId }, "answered"),
      written({ traceId: "another" }, "something else"),
      written({ traceId, err: new MarqueeError("FILM_UNKNOWN", "No such film.") }, "request failed", "error"),
    );
    await harness.stored("logs", "logs");
    expect((await messages(traceId)).toSorted()).toEqual(["answered", "request failed"]);
    expect(await harness.metric('messages_consumed_total{topic="logs",outcome="stored"}')).toBe(3);
    expect(await harness.metric('messages_consumed_total{topic="logs",outcome="dead"}')).toBe(0);
  });

  it.each([
    ["is not JSON", '{"half', /not JSON/],
    ["is JSON of another kind", '"text"', /contract: .*expected object/],
    ["lacks a field", JSON.stringify({ id: "0190a1b2-0000-7000-8000-000000000000", level: "info" }), /at time/],
    ["has a level that there is not", written({}, "x").replace('"info"', '"loud"'), /at level/],
    [
      "is nested too deep",
      written({}, "x").replace('"msg"', `"deep":${"[".repeat(400_000)}${"]".repeat(400_000)},"msg"`),
      /deeper/,
    ],
    ["holds what the store does not take", written({ text: "a\u0000b" }, "x"), /unsupported Unicode/],
  ])(
    "go to the dead letters with the reason where one %s, and the others are stored",
    async (_what, broken, reason) => {
      await consumeLogs({ ...harness, logStore });
      const traceId = uuidv7(harness.clock);
      await harness.publish(
        "logs",
        JSON.parse(written({ traceId }, "one")),
        broken,
        JSON.parse(written({ traceId }, "two")),
      );
      await harness.stored("logs", "logs");
      expect((await messages(traceId)).toSorted()).toEqual(["one", "two"]);
      expect(await harness.deadLetters("logs")).toMatchObject([
        { topic: "logs", key: "one key", value: broken, reason: expect.stringMatching(reason) },
      ]);
      expect(await harness.metric('messages_consumed_total{topic="logs",outcome="dead"}')).toBe(1);
    },
  );

  it("come again while the store is away, and none goes to the dead letters", async () => {
    const away = new MarqueeError("LOG_STORE_UNAVAILABLE", "The log store is away.");
    let [preparations, attempts] = [0, 0];
    const check = await consumeLogs({
      ...harness,
      logStore: {
        ...logStore,
        prepare: () => (++preparations === 1 ? Promise.reject(away) : logStore.prepare()),
        store: (lines) => (++attempts === 1 ? Promise.reject(away) : logStore.store(lines)),
      },
    });
    const traceId = uuidv7(harness.clock);
    await publish(written({ traceId }, "one"), written({ traceId }, "two"));
    await expect.poll(() => check.problem(), { timeout: 10_000 }).toContain("The log store is away.");
    await harness.stored("logs", "logs");
    expect((await messages(traceId)).toSorted()).toEqual(["one", "two"]);
    expect([preparations, attempts]).toEqual([2, 2]);
    expect(await harness.deadLetters("logs")).toEqual([]);
    expect(check.problem()).toBeUndefined();
  });

  it("are stored once where the consumer was lost between storing and committing", async () => {
    const stored = Promise.withResolvers<void>();
    const lost = createLifecycle(harness.log);
    await consumeLogs({
      ...harness,
      lifecycle: lost,
      logStore: {
        ...logStore,
        store: async (lines) => {
          await logStore.store(lines);
          stored.resolve();
          throw new MarqueeError("INTERNAL", "The consumer is lost here.");
        },
      },
    });
    const traceId = uuidv7(harness.clock);
    await publish(...[1, 2, 3].map((number) => written({ traceId }, `line ${number}`)));
    await stored.promise;
    await lost.stop();
    await consumeLogs({ ...harness, metrics: createMetrics("test"), logStore });
    await harness.stored("logs", "logs");
    expect((await messages(traceId)).toSorted()).toEqual(["line 1", "line 2", "line 3"]);
  });

  it("are counted while they wait", async () => {
    await publish(...[1, 2, 3].map((number) => written({}, `line ${number}`)));
    const hold = Promise.withResolvers<void>();
    await consumeLogs({ ...harness, logStore: { ...logStore, prepare: () => hold.promise } });
    await expect.poll(() => harness.metric('consumer_lag_messages{topic="logs"}')).toBe(3);
    hold.resolve();
    await harness.stored("logs", "logs");
  });

  it("bring forth no lines of their own where all goes well, or each line would bring the next", async () => {
    const lines: string[] = [];
    const log = createLogger("logs", "debug", { write: (line) => lines.push(line) });
    await consumeLogs({ ...harness, log, logStore });
    await publish(written({}, "one"));
    await harness.stored("logs", "logs");
    expect(lines).toEqual([]);
  });
});
