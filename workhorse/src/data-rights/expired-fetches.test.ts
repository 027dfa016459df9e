import { describe, expect, it } from "vitest";
import { expiredFetches, type Fetch } from "./expired-fetches.ts";

const KEPT_FROM = new Date("2026-03-01T00:00:00Z");
const fetch = (key: string, objectKey: string, fetchedAt: string): Fetch => ({ key, objectKey, fetchedAt });
const OLD = "2026-02-28T23:59:59.999Z";
const ON_THE_BORDER = "2026-03-01T00:00:00.000Z";

describe("fetches whose time is up", () => {
  it.each([
    ["those from before the first day that is kept", [fetch("m1", "a", OLD)], [], [["a", false, ["m1"]]]],
    ["none from the first day that is kept", [fetch("m1", "a", ON_THE_BORDER)], [], []],
    ["none of what there is none of", [], [], []],
    [
      "all that name the same object, and the object with them",
      [fetch("m1", "a", "2025-01-01T00:00:00Z"), fetch("m2", "a", OLD)],
      [],
      [["a", false, ["m1", "m2"]]],
    ],
    [
      "without the object where a newer fetch names it",
      [fetch("m1", "a", OLD), fetch("m2", "a", ON_THE_BORDER), fetch("m3", "b", OLD)],
      [],
      [
        ["a", true, ["m1"]],
        ["b", false, ["m3"]],
      ],
    ],
    [
      "without the object where another source's fetch names it",
      [fetch("m1", "a", OLD)],
      [{ objectKey: "a" }],
      [["a", true, ["m1"]]],
    ],
  ] as const)("are %s", (_what, fetches, others, expired) => {
    expect(
      expiredFetches(fetches, others, KEPT_FROM).map(({ objectKey, kept, manifestKeys }) => [
        objectKey,
        kept,
        manifestKeys,
      ]),
    ).toEqual(expired);
  });

  it("are none where a source is kept for ever", () => {
    expect(expiredFetches([fetch("m1", "a", "1990-01-01T00:00:00Z")], [], undefined)).toEqual([]);
  });
});
