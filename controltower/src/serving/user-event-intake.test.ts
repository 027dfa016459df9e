import { userEventSchema } from "@marquee/shared/contracts/user-event";
import { fixedClock } from "@marquee/shared/service/clock";
import { beforeEach, expect, test } from "vitest";
import { createMemoryPublisher, type MemoryPublisher } from "../../test/memory-publisher.ts";
import { createUserEventIntake, type UserEventIntake } from "./user-event-intake.ts";

const RATING = { type: "rating", userId: "u-7f3a", tmdbId: 603, rating: 8.5 };

let publisher: MemoryPublisher;
let take: UserEventIntake;

beforeEach(() => {
  publisher = createMemoryPublisher();
  take = createUserEventIntake(publisher, fixedClock("2026-07-01T12:00:00Z"));
});

const sent = () => publisher.published.map(({ value }) => userEventSchema.parse(JSON.parse(value)));

test("an event goes onwards as it came, with an id, the time of its arrival and its request, keyed by its user", async () => {
  const { id } = await take(RATING, "trace");
  const now = "2026-07-01T12:00:00.000Z";
  expect(sent()).toEqual([{ ...RATING, id, at: now, receivedAt: now, traceId: "trace" }]);
  expect(publisher.published).toMatchObject([{ topic: "events.user", id, key: "u-7f3a" }]);
  expect(id).toMatch(/^019f1d8c-e200-7/);
});

test("when it happened is kept, with milliseconds, so that all are written alike", async () => {
  await take({ ...RATING, at: "2026-06-30T20:15:00Z" }, "trace");
  expect(sent()).toMatchObject([{ at: "2026-06-30T20:15:00.000Z", receivedAt: "2026-07-01T12:00:00.000Z" }]);
});

test("an event that is wrong goes nowhere", async () => {
  await expect(take({ ...RATING, rating: 11 }, "trace")).rejects.toMatchObject({ code: "REQUEST_INVALID" });
  expect(publisher.published).toEqual([]);
});

test("an event that can be kept nowhere is not taken", async () => {
  publisher.full = true;
  await expect(take(RATING, "trace")).rejects.toMatchObject({ code: "SPOOL_FULL", retriable: true });
});

test("an event is taken only once it is kept", async () => {
  const kept = Promise.withResolvers<void>();
  publisher.publish = () => kept.promise;
  let taken = false;
  const taking = take(RATING, "trace").then(() => {
    taken = true;
  });
  await new Promise(setImmediate);
  expect(taken).toBe(false);
  kept.resolve();
  await taking;
});
