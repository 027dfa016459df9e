import { describe, expect, it } from "vitest";
import type { EpochDay } from "../contracts/time.ts";
import {
  createTrackRecord,
  daySpan,
  decodeTrackRecord,
  encodeTrackRecord,
  stateCount,
  summarise,
  trailingMean,
} from "./track-record.ts";

const events = [
  { day: 10, value: 1 },
  { day: 20, value: -0.5 },
  { day: 20, value: 0.25 },
  { day: 30, value: 2 },
];
const record = createTrackRecord(events);
const day = (value: number) => value as EpochDay;

describe("a track record as of a day", () => {
  it.each([
    {
      asOf: 10,
      count: 0,
      total: 0,
      last: Number.NaN,
      best: Number.NaN,
      since: Number.NaN,
      why: "an event on the day itself is not yet known",
    },
    { asOf: 11, count: 1, total: 1, last: 1, best: 1, since: 1, why: "an event of the day before is" },
    { asOf: 20, count: 1, total: 1, last: 1, best: 1, since: 10, why: "both events of day 20 wait for day 21" },
    {
      asOf: 21,
      count: 3,
      total: 0.75,
      last: 0.25,
      best: 1,
      since: 1,
      why: "of equal days the later one given is the latest",
    },
    { asOf: 1_000, count: 4, total: 2.75, last: 2, best: 2, since: 970, why: "long after, everything counts" },
  ])("$why", ({ asOf, count, total, last, best, since }) => {
    expect(summarise(record, day(asOf))).toEqual({ count, total, last, best, daysSinceLast: since });
  });

  it("of an unknown entity is empty", () => {
    expect(summarise(undefined, day(100)).count).toBe(0);
  });

  it("has a trailing mean over the latest events only, however many a day had", () => {
    const trailing = createTrackRecord(events, 2);
    expect(trailingMean(trailing, day(31))).toBe((2.75 - 0.5) / 2);
    expect(trailingMean(trailing, day(21))).toBe((0.75 - 1) / 2);
    expect(trailingMean(trailing, day(11))).toBe(1);
    expect(trailingMean(trailing, day(10))).toBeNaN();
    expect(trailingMean(createTrackRecord(events, 100), day(31))).toBe(2.75 / 4);
    expect(trailingMean(record, day(31))).toBeNaN();
  });

  it("has as many states as days, however many events a day has", () => {
    const busy = Array.from({ length: 1_000 }, (_, i) => ({ day: Math.floor(i / 500), value: 1 }));
    expect(stateCount(createTrackRecord(busy))).toBe(2);
    expect(daySpan(createTrackRecord(busy))).toEqual({ first: 0, last: 1 });
  });

  it("survives the online store to the bit", () => {
    const values = Array.from({ length: 50 }, (_, i) => ({ day: i * 7 - 100, value: Math.sin(i) / 3 }));
    const original = createTrackRecord(values, 3);
    // A store may hand out a view into a larger buffer.
    const padded = new Uint8Array(3 + encodeTrackRecord(original).length);
    padded.set(encodeTrackRecord(original), 3);
    expect(decodeTrackRecord(padded.subarray(3))).toEqual(original);
  });
});
