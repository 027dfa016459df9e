import { describe, expect, it } from "vitest";
import { storableJson, storableText } from "./storable-text.ts";

describe("what PostgreSQL cannot hold", () => {
  it("is taken out of texts, and nothing else is", () => {
    expect(storableText("a\0b\ud83dc\\u0000 \u{1f600}")).toBe("ab\ufffdc\\u0000 \u{1f600}");
  });

  it.each([
    ["a\0b", "ab"],
    ["\ud83d\0\ude00", ""],
    ["\u{1f600}", "\u{1f600}"],
    ["\\u0000", "\\u0000"],
    ["\\\0", "\\"],
    [{ "a\0": ["\0"] }, { a: [""] }],
    ["\\ud83d", "\\ud83d"],
  ])("is taken out of the JSON of %j", (value, expected) => {
    expect(JSON.parse(storableJson(value))).toEqual(expected);
  });
});
