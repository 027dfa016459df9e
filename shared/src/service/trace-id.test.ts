import { describe, expect, test } from "vitest";
import { fixedClock } from "./clock.ts";
import { traceIdOf } from "./trace-id.ts";

const CLOCK = fixedClock("2026-07-01T12:00:00Z");
const GIVEN = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

/** 32 digits that begin with the milliseconds of CLOCK, version 7. */
const MADE = /^019f1d8ce2007[0-9a-f]{19}$/;

describe("the trace id of a request", () => {
  test.each([
    ["a valid traceparent", `00-${GIVEN}-${SPAN}-01`],
    ["one that is not sampled", `00-${GIVEN}-${SPAN}-00`],
    ["one of a later version, whatever follows", `01-${GIVEN}-${SPAN}-01-what.the.future.brings`],
  ])("is the caller's with %s", (_sentence, header) => {
    expect(traceIdOf(header, CLOCK)).toBe(GIVEN);
  });

  test.each([
    ["no traceparent", undefined],
    ["an empty one", ""],
    ["two of them", [`00-${GIVEN}-${SPAN}-01`, `00-${GIVEN}-${SPAN}-01`]],
    ["an id of zeros", `00-${"0".repeat(32)}-${SPAN}-01`],
    ["a span of zeros", `00-${GIVEN}-${"0".repeat(16)}-01`],
    ["large letters", `00-${GIVEN.toUpperCase()}-${SPAN}-01`],
    ["an id that is too short", `00-${GIVEN.slice(1)}-${SPAN}-01`],
    ["the forbidden version", `ff-${GIVEN}-${SPAN}-01`],
    ["more than version 00 has", `00-${GIVEN}-${SPAN}-01-more`],
    ["something in front", `x00-${GIVEN}-${SPAN}-01`],
    ["a line break", `00-${GIVEN}-${SPAN}-01\n`],
  ])("is a new one with %s", (_sentence, header) => {
    expect(traceIdOf(header, CLOCK)).toMatch(MADE);
  });

  test("is another for each request", () => {
    expect(traceIdOf(undefined, CLOCK)).not.toBe(traceIdOf(undefined, CLOCK));
  });
});
