import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TopicName } from "../../contracts/topics.ts";
import { systemClock } from "../../service/clock.ts";
import { uuidv7 } from "../../service/ids.ts";
import {
  type BusMessage,
  type EventBus,
  MAX_BATCH,
  MAX_BATCH_BYTES,
  MAX_MESSAGE_BYTES,
  type ReceivedMessage,
} from "./event-bus.ts";

/** A bus with nothing in it, that several processes may open. */
export interface BusPlace {
  open(): EventBus;
  remove(): Promise<void>;
}

/** What consumers have received, and a way to wait for it. */
interface Collected {
  readonly messages: ReceivedMessage[];
  handle(batch: readonly ReceivedMessage[]): Promise<void>;
  until(done: (messages: readonly ReceivedMessage[]) => boolean): Promise<void>;
  has(expected: readonly BusMessage[]): Promise<void>;
}

function collect(): Collected {
  const messages: ReceivedMessage[] = [];
  const waiting: { done: (messages: readonly ReceivedMessage[]) => boolean; resolve: () => void }[] = [];
  const until = (done: (all: readonly ReceivedMessage[]) => boolean) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (done(messages)) resolve();
    else waiting.push({ done, resolve });
    return promise;
  };
  return {
    messages,
    handle: async (batch) => {
      messages.push(...batch);
      for (const { done, resolve } of waiting) if (done(messages)) resolve();
    },
    until,
    has: (expected) => {
      const ids = new Set(expected.map(({ id }) => id));
      return until((all) => new Set(all.map(({ id }) => id)).isSupersetOf(ids));
    },
  };
}

/** Messages of a few keys in turn; their values count up within a key. */
function messages(count: number, { keys = 10, prefix = "" } = {}): BusMessage[] {
  return Array.from({ length: count }, (_, i) => ({
    id: uuidv7(systemClock),
    key: `${prefix}${i % keys}`,
    value: JSON.stringify({ n: Math.floor(i / keys) }),
  }));
}

function byKey(received: readonly BusMessage[]): Record<string, string[]> {
  const groups = Map.groupBy(received, ({ key }) => key);
  return Object.fromEntries([...groups].map(([key, ofKey]) => [key, ofKey.map(({ value }) => value)]));
}

function gate(): { opened: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

/** What every event bus promises. */
export function eventBusContract(name: string, create: () => Promise<BusPlace>): void {
  describe(`${name} keeps the event bus's promises`, () => {
    let place: BusPlace;
    let buses: EventBus[];
    let bus: EventBus;
    const open = () => {
      const opened = place.open();
      buses.push(opened);
      return opened;
    };
    const consume = (group: string, handle: Collected["handle"], topics: TopicName[] = ["logs"], on = bus) =>
      on.consume({ group, topics, handle });
    const lagOf = async (group: string) => (await bus.lag(group, ["logs"])).logs;

    beforeEach(async () => {
      place = await create();
      buses = [];
      bus = open();
      await bus.applyTopics();
    });
    afterEach(async () => {
      await Promise.all(buses.map((each) => each.close()));
      await place.remove();
    });

    it("gives every group every message with its id, key, value, topic and time, from the first on", async () => {
      const sent = messages(20);
      await bus.publish("logs", sent);
      const [one, other] = [collect(), collect()];
      await Promise.all([consume("one", one.handle), consume("other", other.handle)]);
      await Promise.all([one.has(sent), other.has(sent)]);
      for (const { messages: received } of [one, other]) {
        expect(new Set(received.map(({ id, key, value }) => `${id} ${key} ${value}`))).toEqual(
          new Set(sent.map(({ id, key, value }) => `${id} ${key} ${value}`)),
        );
        for (const message of received) {
          expect(message.topic).toBe("logs");
          expect(Math.abs(message.publishedAt.getTime() - Date.now())).toBeLessThan(60_000);
        }
      }
    });

    it("keeps the order of each key in batches of bounded size, 5,000 messages at once", async () => {
      const sent = messages(5_000);
      await bus.publish("logs", sent.slice(0, 4_000));
      const got = collect();
      const sizes: number[] = [];
      await consume("group", async (batch) => {
        sizes.push(batch.length);
        await got.handle(batch);
      });
      await bus.publish("logs", sent.slice(4_000));
      await got.has(sent);
      expect(got.messages).toHaveLength(5_000);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_BATCH);
      expect(byKey(got.messages)).toEqual(byKey(sent));
    });

    it("keeps unicode, line ends, empty and very large values as they are", async () => {
      const values = [
        JSON.stringify({ title: "Le Fabuleux Destin d'Amélie 🎬 기생충\n\t\u0000\\" }),
        "",
        JSON.stringify("x".repeat(MAX_MESSAGE_BYTES - 100)),
      ];
      const sent = values.map((value, i) => ({ id: uuidv7(systemClock), key: `ключ ${i}`, value }));
      await bus.publish("events.user", sent);
      const got = collect();
      await consume("group", got.handle, ["events.user"]);
      await got.has(sent);
      expect(new Map(got.messages.map(({ key, value }) => [key, value]))).toEqual(
        new Map(sent.map(({ key, value }) => [key, value])),
      );
    });

    it("takes more at once than a topic's largest message, and gives it in batches of bounded bytes", async () => {
      const sent = Array.from({ length: 24 }, () => ({
        id: uuidv7(systemClock),
        key: "key",
        value: randomBytes(MAX_MESSAGE_BYTES / 2 - 100).toString("hex"),
      }));
      await bus.publish("logs", sent);
      const got = collect();
      const sizes: number[] = [];
      await consume("group", async (batch) => {
        sizes.push(batch.reduce((sum, { value }) => sum + Buffer.byteLength(value), 0));
        await got.handle(batch);
      });
      await got.has(sent);
      expect(got.messages.map(({ id }) => id)).toEqual(sent.map(({ id }) => id));
      expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_BATCH_BYTES);
    });

    it("publishes nothing where there is nothing", async () => {
      await bus.publish("logs", []);
      expect(await bus.lag("group", ["logs", "predictions"])).toEqual({ logs: 0, predictions: 0 });
    });

    it("keeps topics apart, the dead letters too, and gives a consumer one batch at a time", async () => {
      const [live, dead, unheard] = [messages(50), messages(1), messages(1)];
      await bus.publish("logs", live);
      await bus.publish("logs.dead", dead);
      await bus.publish("predictions", unheard);
      const got = collect();
      let inHand = 0;
      let most = 0;
      const handle = async (batch: readonly ReceivedMessage[]) => {
        most = Math.max(most, ++inHand);
        await Promise.resolve();
        expect(new Set(batch.map(({ topic }) => topic)).size).toBe(1);
        await got.handle(batch);
        inHand--;
      };
      await consume("group", handle, ["logs", "logs.dead"]);
      await got.has([...live, ...dead]);
      expect(got.messages.filter(({ topic }) => topic === "logs.dead").map(({ id }) => id)).toEqual([dead[0]!.id]);
      expect(got.messages).toHaveLength(51);
      expect(most).toBe(1);
    });

    it("gives a batch again that was not stored, in order and with a reason meanwhile, and none twice that was", async () => {
      const sent = messages(100, { keys: 1 });
      await bus.publish("logs", sent);
      const got = collect();
      const problems: (string | undefined)[] = [];
      let failures = 2;
      const consumer = await consume("group", async (batch) => {
        problems.push(consumer.problem());
        if (failures-- > 0) throw new TypeError("the sink is full");
        await got.handle(batch);
      });
      await got.has(sent);
      expect(got.messages.map(({ id }) => id)).toEqual(sent.map(({ id }) => id));
      expect(problems.at(-1)).toContain("the sink is full");
      await consumer.stop();
      expect(consumer.problem()).toBeUndefined();
      expect(await lagOf("group")).toBe(0);
    });

    it("does not let a topic that cannot be stored hold up another", async () => {
      await bus.publish("logs", messages(1));
      const sent = messages(10);
      await bus.publish("predictions", sent);
      const got = collect();
      await consume(
        "group",
        (batch) => {
          if (batch[0]?.topic === "logs") throw new TypeError("the sink is full");
          return got.handle(batch);
        },
        ["logs", "predictions"],
      );
      await got.has(sent);
      expect(await lagOf("group")).toBe(1);
    });

    it("gives what a consumer had not stored when it stopped to the next", async () => {
      const sent = messages(10);
      await bus.publish("logs", sent);
      const tried = gate();
      const consumer = await consume("group", async () => {
        tried.open();
        throw new TypeError("the sink is full");
      });
      await tried.opened;
      await consumer.stop();
      expect(await lagOf("group")).toBe(10);
      const got = collect();
      await consume("group", got.handle, ["logs"], open());
      await got.has(sent);
      expect(got.messages).toHaveLength(10);
    });

    it("commits a batch after it is stored, and finishes the one in hand when it stops", async () => {
      const sent = messages(10, { keys: 1 });
      await bus.publish("logs", sent);
      const [begun, may] = [gate(), gate()];
      const got = collect();
      const consumer = await consume("group", async (batch) => {
        begun.open();
        await may.opened;
        await got.handle(batch);
      });
      await begun.opened;
      expect(await lagOf("group")).toBe(10);
      const stopped = consumer.stop();
      const later = messages(5, { keys: 1 });
      await bus.publish("logs", later);
      expect(got.messages).toEqual([]);
      may.open();
      await stopped;
      expect(got.messages.map(({ id }) => id)).toEqual(sent.map(({ id }) => id));
      expect(await lagOf("group")).toBe(5);
      const next = collect();
      await consume("group", next.handle);
      await next.has(later);
      expect(next.messages.map(({ id }) => id)).toEqual(later.map(({ id }) => id));
    });

    it("shares a group's messages among its members, and one that leaves is replaced by the others", async () => {
      const [first, second, third] = [messages(10), messages(300, { prefix: "b" }), messages(100, { prefix: "c" })];
      const [one, other, all] = [collect(), collect(), collect()];
      const both = (own: Collected) => async (batch: readonly ReceivedMessage[]) => {
        await own.handle(batch);
        await all.handle(batch);
      };
      await bus.publish("logs", first);
      const consumer = await consume("group", both(one));
      await all.has(first);
      const elsewhere = open();
      await consume("group", both(other), ["logs"], elsewhere);
      await bus.publish("logs", second);
      await all.has(second);
      await consumer.stop();
      const before = other.messages.length;
      await bus.publish("logs", third);
      await other.has(third);
      expect(other.messages.length - before).toBeGreaterThanOrEqual(100);
      expect(one.messages.some(({ key }) => key.startsWith("c"))).toBe(false);
    });

    it("loses nothing where several publish at once while others receive", async () => {
      const got = collect();
      await consume("group", got.handle);
      const senders = [bus, open(), open()];
      const sent = await Promise.all(
        senders.map(async (sender, i) => {
          const batches = Array.from({ length: 20 }, (_, n) => messages(10, { keys: 1, prefix: `${i}-${n}-` }));
          for (const batch of batches) await sender.publish("logs", batch);
          return batches.flat();
        }),
      );
      await got.has(sent.flat());
      expect(got.messages).toHaveLength(600);
    });

    it("counts what a group has still to receive, topic by topic", async () => {
      await bus.publish("logs", messages(30));
      await bus.publish("predictions", messages(7));
      expect(await bus.lag("group", ["logs", "predictions"])).toEqual({ logs: 30, predictions: 7 });
      const got = collect();
      const consumer = await consume("group", got.handle);
      await got.until((all) => all.length === 30);
      await consumer.stop();
      expect(await bus.lag("group", ["logs", "predictions"])).toEqual({ logs: 0, predictions: 7 });
      expect(await bus.lag("another", ["logs"])).toEqual({ logs: 30 });
    });

    it("keeps messages when the topics are applied again, by several at once too", async () => {
      const sent = messages(5);
      await bus.publish("logs", sent);
      const other = open();
      await Promise.all([bus.applyTopics(), other.applyTopics()]);
      await other.applyTopics();
      const got = collect();
      await consume("group", got.handle);
      await got.has(sent);
    });

    it("answers a ping, and stops its consumers when it is closed", async () => {
      await bus.ping();
      const got = collect();
      const other = open();
      await consume("group", got.handle, ["logs"], other);
      const [before, after] = [messages(1), messages(1)];
      await bus.publish("logs", before);
      await got.has(before);
      await other.close();
      await bus.publish("logs", after);
      expect(await lagOf("group")).toBe(1);
      expect(got.messages).toHaveLength(1);
    });
  });
}
