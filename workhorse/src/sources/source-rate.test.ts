import { describe, expect, it } from "vitest";
import { afterRateLimit, fullRate, rateAt, type SourceRate } from "./source-rate.ts";

const limited = (rate: SourceRate, begunAt: number, now: number, retryAfterMs = 0): SourceRate =>
  afterRateLimit(rate, { begunAt, now, retryAfterMs });

describe("the rate of requests", () => {
  it("is its ceiling until the source asks to slow down", () => {
    expect(rateAt(fullRate(40), 1_000_000)).toBe(40);
  });

  it("halves at an answer 429 and has risen to the ceiling half a minute later", () => {
    const cut = limited(fullRate(40), 900, 1_000);
    expect(rateAt(cut, 1_000)).toBe(20);
    expect(rateAt(cut, 16_000)).toBe(30);
    expect(rateAt(cut, 31_000)).toBe(40);
    expect(rateAt(cut, 99_000)).toBe(40);
  });

  it("pauses for what Retry-After says, and rises from its end on", () => {
    const cut = limited(fullRate(40), 900, 1_000, 5_000);
    expect(cut.pausedUntil).toBe(6_000);
    expect(rateAt(cut, 6_000)).toBe(20);
    expect(rateAt(cut, 21_000)).toBe(30);
  });

  it("is cut once for all requests that were under way, but waits for the longest", () => {
    const first = limited(fullRate(40), 900, 1_000, 1_000);
    const second = limited(first, 950, 1_010, 3_000);
    const third = limited(second, 1_000, 1_020, 1_000);
    expect(rateAt(third, 1_020)).toBe(20);
    expect(third.pausedUntil).toBe(4_010);
  });

  it("is cut again for a request that began after the cut", () => {
    const first = limited(fullRate(40), 900, 1_000);
    expect(rateAt(limited(first, 1_001, 1_100), 1_100)).toBeCloseTo(10, 0);
  });

  it("never falls below one a second, nor below a ceiling that is lower", () => {
    const cutOften = (ceiling: number): SourceRate =>
      Array.from({ length: 30 }, (_, i) => i + 1).reduce((rate, i) => limited(rate, i, i), fullRate(ceiling));
    expect(rateAt(cutOften(40), 30)).toBeGreaterThanOrEqual(1);
    expect(rateAt(cutOften(40), 30)).toBeLessThan(1.1);
    expect(rateAt(cutOften(0.5), 30)).toBe(0.5);
  });
});
