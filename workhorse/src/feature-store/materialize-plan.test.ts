import type { Watermark } from "@marquee/shared/backing/online-store/online-store";
import { describe, expect, it } from "vitest";
import {
  begunWatermark,
  datasetsUnderway,
  type MaterializePlan,
  materializePlan,
  writtenWatermark,
} from "./materialize-plan.ts";

const at = (day: number) => new Date(Date.UTC(2026, 2, day));
const mark = (day: number, source: string, underway?: string[]): Watermark => ({
  at: at(day),
  source,
  ...(underway ? { underway } : {}),
});
const TARGET = { hash: "d3", at: at(3) };
const OLDER = `older-than-${at(3).getTime()}`;

describe("how views come to the latest dataset", () => {
  it.each<[string, (Watermark | undefined)[], MaterializePlan]>([
    ["a store that was never filled is filled", [undefined], { mode: "full" }],
    ["of views that go together one without a watermark has all written", [mark(2, "d2"), undefined], { mode: "full" }],
    ["what has changed since what lies there is written", [mark(2, "d2")], { mode: "changes", sources: ["d2"] }],
    [
      "views of different datasets are compared with both",
      [mark(2, "d2"), mark(1, "d1")],
      { mode: "changes", sources: ["d2", "d1"] },
    ],
    ["a stopped run's dataset may lie there, too", [mark(1, "d1", ["d2"])], { mode: "changes", sources: ["d1", "d2"] }],
    ["this run's own beginning needs no comparison", [mark(2, "d2", ["d3"])], { mode: "changes", sources: ["d2"] }],
    ["after four datasets that were begun all is written", [mark(1, "a", ["b", "c", "d"])], { mode: "full" }],
    [
      "where all was written and nothing retired, that is left to do",
      [mark(2, "d3", [OLDER]), mark(3, "d3")],
      { mode: "retire" },
    ],
    [
      "… of an earlier day all is written, since all is older",
      [mark(1, "d3", [`older-than-${at(2).getTime()}`])],
      { mode: "full" },
    ],
    ["… of another dataset all is written", [mark(2, "d2", [OLDER])], { mode: "full" }],
    ["the same features of a later day are confirmed", [mark(2, "d3")], { mode: "confirm" }],
    ["one of two that is not confirmed has both confirmed", [mark(3, "d3"), mark(2, "d3")], { mode: "confirm" }],
    ["what an earlier run has confirmed is done", [mark(3, "d3"), mark(3, "d3")], { mode: "done" }],
    ["a later dataset stays", [mark(4, "d4")], { mode: "ahead" }],
  ])("%s", (_sentence, watermarks, plan) => {
    expect(materializePlan(watermarks, TARGET, "incremental")).toEqual(plan);
  });

  it.each<[string, Watermark | undefined, MaterializePlan]>([
    ["even of the same dataset", mark(3, "d3"), { mode: "full" }],
    ["but over a later one", mark(4, "d4"), { mode: "ahead" }],
  ])("writes all where that is asked for, %s", (_sentence, watermark, plan) => {
    expect(materializePlan([watermark], TARGET, "full")).toEqual(plan);
  });
});

describe("a watermark of a view that is being written", () => {
  it("stays as it was and names what has begun, once", () => {
    const begun = begunWatermark(mark(1, "d1", ["d2"]), TARGET);
    expect(begun).toEqual(mark(1, "d1", ["d2", "d3"]));
    expect(begunWatermark(begun, TARGET)).toEqual(begun);
  });

  it("of which all was written keeps its moment while what is older still lies there", () => {
    expect(writtenWatermark(mark(1, "d1", ["d2"]), TARGET)).toEqual(mark(1, "d3", [OLDER]));
    expect(writtenWatermark(undefined, TARGET)).toEqual(mark(3, "d3", [OLDER]));
  });

  it("stays as it was where the same dataset lies there", () => {
    expect(begunWatermark(mark(1, "d3"), TARGET)).toEqual(mark(1, "d3"));
  });

  it("names the datasets that a value may be of, and no marker of ours", () => {
    expect(datasetsUnderway(mark(1, "d1", ["d2", OLDER]))).toEqual(["d2"]);
    expect(datasetsUnderway(mark(1, "d1"))).toEqual([]);
  });
});
