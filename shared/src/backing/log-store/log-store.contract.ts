import { randomBytes, randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LogLine, logLineSchema } from "../../contracts/log-line.ts";
import { systemClock } from "../../service/clock.ts";
import { uuidv7 } from "../../service/ids.ts";
import type { LogQuery, LogStore } from "./log-store.ts";

const START = Date.parse("2026-03-01T12:00:00.000Z");

/**
 * What every log store promises. Each test's lines are of a service of its own, so the store may hold others.
 * @param create a store that is prepared
 */
export function logStoreContract(name: string, create: () => Promise<LogStore>): void {
  describe(`${name} keeps the log store's promises`, () => {
    let store: LogStore;
    let service: string;
    beforeEach(async () => {
      store = await create();
      service = `test-${randomUUID()}`;
    });
    afterEach(() => store.close());

    const line = (seconds: number, changes: Record<string, unknown> = {}): LogLine =>
      logLineSchema.parse({
        id: uuidv7(systemClock),
        time: new Date(START + seconds * 1000).toISOString(),
        level: "info",
        service,
        instance: `${service}-host-1`,
        msg: `line ${seconds}`,
        ...changes,
      });
    const messages = async (query: LogQuery = {}) => (await store.find({ service, ...query })).map(({ msg }) => msg);

    it("gives back whatever a line holds", async () => {
      const whole = line(0, {
        traceId: randomUUID(),
        err: { type: "MarqueeError", code: "FILM_UNKNOWN", stack: "a\nb" },
        nested: { list: [1, 2.5, { deep: null }], "dotted.name": true, "": "no name", empty: {} },
        number: -1e-7,
        text: "Zoë 🎬 한국어",
      });
      expect(await store.store([whole])).toEqual([]);
      expect(await store.find({ service })).toEqual([whole]);
    });

    it("takes lines whose fields of one name are of different kinds", async () => {
      const kinds = [1, "one", true, { one: 1 }, [1, "two"], null, "2026-03-01", 1.5];
      expect(await store.store(kinds.map((field, i) => line(i, { field })))).toEqual([]);
      expect((await store.find({ service })).map(({ field }) => field)).toEqual(kinds.toReversed());
    });

    it("finds lines where one has a trace id, or words, beyond reason", async () => {
      const traceId = randomBytes(10_000).toString("hex");
      const msg = Array.from({ length: 150_000 }, (_, i) => `word${i}`).join(" ");
      expect(await store.store([line(0, { traceId, msg }), line(1, { msg: "another" })])).toEqual([]);
      expect(await messages({ text: "another" })).toEqual(["another"]);
      expect(await messages({ text: "word7" })).toEqual([msg]);
    });

    it("takes a thousand fields of different names, and a text of 100,000 characters", async () => {
      const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`field_${i}`, i]));
      const long = "long ".repeat(20_000);
      expect(await store.store([line(0, many), line(1, { long, msg: long })])).toEqual([]);
      expect(await store.find({ service })).toMatchObject([{ long, msg: long }, many]);
    });

    it("takes a line without a message and without a trace id", async () => {
      const bare = line(0, { msg: undefined });
      await store.store([bare]);
      expect(await store.find({ service })).toEqual([JSON.parse(JSON.stringify(bare))]);
    });

    it("stores a line once, as it came first, however often it is delivered", async () => {
      const [one, two, three] = [line(1), line(2), line(3)];
      await store.store([one, two]);
      expect(await store.store([one, { ...two, msg: "changed" }, three])).toEqual([]);
      expect(await messages()).toEqual(["line 3", "line 2", "line 1"]);
    });

    it("stores a line once that is twice in a batch", async () => {
      const one = line(1);
      expect(await store.store([one, one])).toEqual([]);
      expect(await messages()).toEqual(["line 1"]);
    });

    it("refuses the line that it cannot take, with the reason, and stores the others", async () => {
      const broken = line(2, { "a\u0000b": 1 });
      const refused = await store.store([line(1), broken, line(3)]);
      expect(refused).toEqual([{ id: broken.id, reason: expect.stringMatching(/\S+ \S+/) }]);
      expect(await messages()).toEqual(["line 3", "line 1"]);
    });

    it("does nothing for no lines", async () => {
      expect(await store.store([])).toEqual([]);
      expect(await store.find({ service })).toEqual([]);
    });

    it("finds by trace id, level and words, whatever their case, and by all of them together", async () => {
      const traceId = randomUUID();
      await store.store([
        line(1, { traceId, msg: "The film was answered" }),
        line(2, { traceId, level: "error", msg: "The FILM is unknown" }),
        line(3, { level: "error", msg: "The batch is unknown" }),
      ]);
      expect(await messages({ traceId })).toEqual(["The FILM is unknown", "The film was answered"]);
      expect(await messages({ level: "error" })).toEqual(["The batch is unknown", "The FILM is unknown"]);
      expect(await messages({ text: "film" })).toEqual(["The FILM is unknown", "The film was answered"]);
      expect(await messages({ text: "Film Unknown" })).toEqual(["The FILM is unknown"]);
      expect(await messages({ traceId, level: "info", text: "film" })).toEqual(["The film was answered"]);
      expect(await messages({ traceId: traceId.slice(0, -1) })).toEqual([]);
    });

    it("finds what lies from one moment up to another, without it", async () => {
      await store.store([0, 1, 2, 3].map((seconds) => line(seconds)));
      const at = (seconds: number) => new Date(START + seconds * 1000);
      expect(await messages({ from: at(1), to: at(3) })).toEqual(["line 2", "line 1"]);
      expect(await messages({ from: at(3) })).toEqual(["line 3"]);
      expect(await messages({ to: at(0) })).toEqual([]);
    });

    it("gives the newest first, 100 unless asked for another number", async () => {
      const lines = Array.from({ length: 120 }, (_, i) => line(i));
      await store.store(lines);
      expect(await messages()).toEqual(
        lines
          .map(({ msg }) => msg)
          .toReversed()
          .slice(0, 100),
      );
      expect(await messages({ limit: 2 })).toEqual(["line 119", "line 118"]);
      expect(await messages({ limit: 5_000 })).toHaveLength(120);
    });

    it("can be prepared again with what it holds", async () => {
      await store.store([line(1)]);
      await store.prepare();
      expect(await messages()).toEqual(["line 1"]);
    });

    it("answers a ping", async () => {
      await expect(store.ping()).resolves.toBeUndefined();
    });
  });
}
