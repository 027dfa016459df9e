import type { ReceivedMessage } from "@marquee/shared/backing/event-bus/event-bus";
import { connectDatabase } from "@marquee/shared/backing/postgres/database";
import { type UserEvent, userEventSchema } from "@marquee/shared/contracts/user-event";
import { rememberErased, userHashOf } from "@marquee/shared/data-rights/erased-users";
import { instantOf } from "@marquee/shared/service/clock";
import { uuidv7 } from "@marquee/shared/service/ids";
import { createMetrics } from "@marquee/shared/service/metrics";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createConsumerMetrics } from "../src/consumer-metrics.ts";
import { consumeUserEvents } from "../src/events/consume-user-events.ts";
import { storeUserEvents } from "../src/events/store-user-events.ts";
import { storeBatch } from "../src/store-batch.ts";
import { type BusHarness, createBusHarness } from "./bus-harness.ts";

const RECEIVED = "2026-03-02T00:00:00.000Z";

describe("user events on their way into the database", () => {
  let harness: BusHarness;
  beforeEach(async () => {
    harness = await createBusHarness();
  });
  afterEach(() => harness.close());

  const event = (minute: number, changes: object = {}): UserEvent =>
    userEventSchema.parse({
      id: uuidv7(harness.clock),
      type: "click",
      userId: "ada",
      tmdbId: 603,
      at: `2026-03-01T12:${String(minute).padStart(2, "0")}:00.000Z`,
      receivedAt: RECEIVED,
      traceId: "a trace",
      ...changes,
    });
  const rating = (minute: number, given: number, changes: object = {}) =>
    event(minute, { type: "rating", rating: given, ...changes });
  const ratings = async () =>
    (
      await harness.database.query<{ user_id: string; tmdb_id: number; rating: number }>(
        "select user_id, tmdb_id, rating from user_ratings order by user_id, tmdb_id",
      )
    ).map((row) => `${row.user_id} ${row.tmdb_id} ${Number(row.rating)}`);
  const events = () =>
    harness.database.query<{ type: string; detail: object }>(
      "select type, detail from user_events order by happened_at",
    );

  it("are kept with what belongs to their kind", async () => {
    await consumeUserEvents(harness);
    await harness.publish(
      "events.user",
      rating(1, 7.5),
      event(2, { type: "watch_start" }),
      event(3, { type: "watch_end", secondsWatched: 5_400 }),
      event(4, { type: "recommendation_click" }),
    );
    await harness.stored("events", "events.user");
    expect(await events()).toEqual([
      { type: "rating", detail: { rating: 7.5 } },
      { type: "watch_start", detail: {} },
      { type: "watch_end", detail: { secondsWatched: 5_400 } },
      { type: "recommendation_click", detail: {} },
    ]);
    expect(await ratings()).toEqual(["ada 603 7.5"]);
  });

  it("leave of a user's ratings of a film the one that happened last, in whatever order and batches they come", async () => {
    const [first, second, third] = [rating(1, 3), rating(2, 9), rating(3, 6)];
    const orders = [
      [[first, second, third]],
      [[third, second, first]],
      [[third], [first], [second]],
      [[second, third], [first]],
      [[first], [third], [third, second, first]],
    ];
    for (const batches of orders) {
      await harness.database.execute("truncate user_ratings, user_events");
      for (const batch of batches) await storeUserEvents(harness.database, batch);
      expect(await ratings()).toEqual(["ada 603 6"]);
      expect(await events()).toHaveLength(3);
    }
  });

  it("agree on one of two ratings of the same moment", async () => {
    const [one, other] = [rating(1, 3), rating(1, 8)];
    await storeUserEvents(harness.database, [one, other]);
    const kept = await ratings();
    await harness.database.execute("truncate user_ratings, user_events");
    await storeUserEvents(harness.database, [other]);
    await storeUserEvents(harness.database, [one]);
    expect(await ratings()).toEqual(kept);
  });

  it("keep users and films apart", async () => {
    await storeUserEvents(harness.database, [
      rating(1, 3),
      rating(1, 4, { tmdbId: 604 }),
      rating(1, 5, { userId: "bob" }),
    ]);
    expect(await ratings()).toEqual(["ada 603 3", "ada 604 4", "bob 603 5"]);
  });

  it("change nothing when they come again", async () => {
    const batch = [rating(1, 3), event(2), rating(3, 8, { tmdbId: 604 })];
    await storeUserEvents(harness.database, batch);
    const rows = () => harness.database.query("select *, xmin::text from user_ratings order by tmdb_id");
    const before = await rows();
    await storeUserEvents(harness.database, batch);
    expect(await rows()).toEqual(before);
    expect(await events()).toHaveLength(3);
  });

  it.each([
    ["a rating above the scale", { type: "rating", rating: 10.5 }, /at rating/],
    ["a kind that there is not", { type: "applause" }, /at type/],
    ["a film that cannot be", { tmdbId: -1 }, /at tmdbId/],
    ["a day that the database does not know", { at: "0000-01-01T00:00:00Z" }, /out of range/],
  ])("go to the dead letters where one has %s, and the others are stored", async (_what, changes, reason) => {
    await consumeUserEvents(harness);
    await harness.publish("events.user", rating(1, 3), { ...event(2), ...changes }, rating(3, 8, { tmdbId: 604 }));
    await harness.stored("events", "events.user");
    expect(await ratings()).toEqual(["ada 603 3", "ada 604 8"]);
    expect(await harness.deadLetters("events.user")).toMatchObject([{ reason: expect.stringMatching(reason) }]);
  });

  it("of an erased user are dropped and counted, and those of others in the same batch stored", async () => {
    const { database, clock } = harness;
    await database.transaction((tx) =>
      rememberErased(tx, [{ userHash: userHashOf("ada"), erasedAt: instantOf(clock) }]),
    );
    await consumeUserEvents(harness);
    await harness.publish("events.user", rating(1, 3), event(2), rating(3, 5, { userId: "bob" }));
    await harness.stored("events", "events.user");
    expect(await ratings()).toEqual(["bob 603 5"]);
    expect(await events()).toHaveLength(1);
    expect(await harness.deadLetters("events.user")).toEqual([]);
    const consumed = (outcome: string) =>
      harness.metric(`messages_consumed_total{topic="events.user",outcome="${outcome}"}`);
    expect([await consumed("dropped"), await consumed("stored"), await consumed("dead")]).toEqual([2, 1, 0]);
  });

  it("come again while the database is away, and none goes to the dead letters", async () => {
    const away = connectDatabase({ url: "postgres://nobody@127.0.0.1:1/none", log: harness.log });
    const given = rating(1, 3);
    const message: ReceivedMessage = {
      ...{ id: given.id, key: "ada", value: JSON.stringify(given), topic: "events.user" },
      ...{ partition: 0, offset: "0", publishedAt: harness.clock.now() },
    };
    const storing = storeBatch([message], {
      ...harness,
      metrics: createConsumerMetrics(createMetrics("test")),
      sink: {
        topic: "events.user",
        group: "events",
        contract: userEventSchema,
        store: (some) => storeUserEvents(away, some),
      },
    });
    await expect(storing).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
    expect(await harness.deadLetters("events.user")).toEqual([]);
    await away.close();
  });
});
