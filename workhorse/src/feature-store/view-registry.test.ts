import { describe, expect, it } from "vitest";
import type { ViewMeaning } from "./view-difference.ts";
import { judgeVersion } from "./view-registry.ts";

const version = (number: number, hash: string): ViewMeaning => ({
  version: number,
  hash,
  definition: { columns: [{ name: "runtime_minutes", unit: hash }] },
});
const registered = [version(1, "minutes"), version(3, "hours")];

describe("a view's version is", () => {
  it.each<[string, ViewMeaning, ViewMeaning[], string]>([
    ["new where none is registered", version(1, "minutes"), [], "new"],
    ["new where it is above the newest", version(4, "seconds"), registered, "new"],
    ["new where numbers are left out between", version(9, "seconds"), registered, "new"],
    ["registered where it is the newest with the same meaning", version(3, "hours"), registered, "registered"],
    ["registered where an older release has an older one", version(1, "minutes"), registered, "registered"],
    [
      "refused where the newest has another meaning",
      version(3, "seconds"),
      registered,
      "The feature view film_metadata changed and is still version 3: column runtime_minutes: unit was hours, is seconds. Give it version 4.",
    ],
    [
      "refused where an older one has another meaning, and is to go above the newest",
      version(1, "seconds"),
      registered,
      "The feature view film_metadata changed and is still version 1: column runtime_minutes: unit was minutes, is seconds. Give it version 4.",
    ],
    [
      "refused where it is below the newest and nobody has registered it",
      version(2, "seconds"),
      registered,
      "The feature view film_metadata@2 was never registered, and film_metadata@3 was already: versions go up. Give it version 4.",
    ],
  ])("%s", (_sentence, meaning, versions, expected) => {
    const verdict = judgeVersion("film_metadata", meaning, versions);
    expect(typeof verdict === "string" ? verdict : verdict.problem).toBe(expected);
  });
});
