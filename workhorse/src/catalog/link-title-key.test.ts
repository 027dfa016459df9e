import { describe, expect, it } from "vitest";
import { titleKey } from "./link-title-key.ts";

describe("titles", () => {
  it.each([
    ["The Matrix", "the matrix", "case"],
    ["Amélie", "AMELIE", "accents"],
    ["Face/Off", "Face Off", "punctuation"],
    ["Spider-Man", "Spiderman", "hyphens and spaces"],
    ["Ocean’s Eleven", "Ocean's Eleven", "forms of the apostrophe"],
    ["The Artist", "Artist, The", "an article, in front or behind"],
    ["A Beautiful Mind", "Beautiful Mind", "an article that is left out"],
    ["Hansel & Gretel", "Hansel and Gretel", "signs for words"],
    ["Straße", "STRASSE", "letters that are written as two"],
    ["Smørgåsbord", "Smorgasbord", "letters with strokes"],
    ["Ёлки", "Елки", "accents of Cyrillic"],
    ["Film\u0301", "Filḿ", "two ways to write one character"],
  ])("%s and %s are the same: %s", (a, b, _what) => {
    expect(titleKey(a)).toBe(titleKey(b));
  });

  it.each([
    ["Alien", "Aliens", "another word"],
    ["A", "The", "two of them"],
    ["2 Guns", "3 Guns", "numbers"],
    ["!!!", "???", "nothing but punctuation"],
    ["हिंदी", "हिदी", "vowels of other scripts"],
    ["千と千尋", "千と千", "another script"],
  ])("%s and %s are not: %s", (a, b, _what) => {
    expect(titleKey(a)).not.toBe(titleKey(b));
  });

  it("always have a key", () => {
    expect(["...", "A", "The", ", The"].map(titleKey)).not.toContain("");
  });
});
