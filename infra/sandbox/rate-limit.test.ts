import { expect, test } from "vitest";
import { countRequest, type RateWindow, retryAfter } from "./rate-limit.ts";

test("requests count up within a second and from one again after it", () => {
  let window: RateWindow | undefined;
  const counts = [1000, 1500, 1999, 2000, 2999, 3000].map((now) => {
    window = countRequest(window, now);
    return window.count;
  });
  expect(counts).toEqual([1, 2, 3, 1, 2, 1]);
});

test("a clock that was set back begins a new window", () => {
  expect(countRequest({ startedAt: 5000, count: 40 }, 4000)).toEqual({ startedAt: 4000, count: 1 });
});

test("the time to wait is whole seconds, at least one", () => {
  expect(retryAfter({ startedAt: 1000, count: 41 }, 1999)).toBe(1);
  expect(retryAfter({ startedAt: 1000, count: 41 }, 2000)).toBe(1);
});
