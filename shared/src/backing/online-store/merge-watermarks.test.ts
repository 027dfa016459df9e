import { expect, it } from "vitest";
import { mergeWatermarks } from "./merge-watermarks.ts";
import type { Watermark } from "./online-store.ts";

const mark = (second: number, source: string, underway?: string[]): Watermark => ({
  at: new Date(second * 1000),
  source,
  ...(underway ? { underway } : {}),
});

it.each<[string, (Watermark | undefined)[], Watermark | undefined]>([
  ["equal copies are one", [mark(1, "a"), mark(1, "a")], mark(1, "a")],
  ["a missing copy makes it missing", [mark(1, "a"), undefined], undefined],
  [
    "the oldest holds, and the others' values lie beside",
    [mark(2, "b"), mark(1, "a"), mark(3, "c")],
    mark(1, "a", ["b", "c"]),
  ],
  [
    "of a confirmation that did not reach all the earlier one holds",
    [mark(2, "b"), mark(1, "a", ["b"])],
    mark(1, "a", ["b"]),
  ],
  [
    "what is underway anywhere is underway",
    [mark(1, "a"), mark(1, "a", ["b"]), mark(1, "a", ["c"])],
    mark(1, "a", ["b", "c"]),
  ],
  ["of no copies there is none", [], undefined],
])("%s", (_sentence, copies, merged) => {
  expect(mergeWatermarks(copies)).toEqual(merged);
});
