import { describe, expect, it } from "vitest";
import type { EpochDay } from "../contracts/time.ts";
import { type FilmFacts, UNKNOWN_FILM } from "./film-facts.ts";
import { THEME_NAMES, THEMES, themeShares } from "./text-themes.ts";
import { textView } from "./text-view.ts";
import { themesView } from "./themes-view.ts";

function textValue(column: string, facts: Partial<FilmFacts>): number | undefined {
  const film = { ...UNKNOWN_FILM, ...facts };
  const view = column.startsWith("theme_") ? themesView : textView;
  const at = view.columns.findIndex(({ name }) => name === column);
  return view.compute({ film, asOf: 0 as EpochDay, record: () => undefined })[at];
}

describe("the text of a film", () => {
  it.each([
    ["Rocky II", 1],
    ["Toy Story 3", 1],
    ["Mission: Impossible III", 1],
    ["Alien 3: The Return", 1],
    ["Kill Bill: Vol. 2", 1],
    ["The Godfather: Part II", 1],
    ["Malcolm X", 0],
    ["2046", 0],
    ["The 40 Year Old Virgin", 0],
    ["Se7en", 0],
    ["Henry V", 1],
    ["Party Girl", 0],
  ])("of %s says whether it is a further part: %d", (title, expected) => {
    expect(textValue("title_sequel", { title })).toBe(expected);
  });

  it("has lengths in words, whatever their script", () => {
    expect(textValue("title_words", { title: "Le fabuleux destin d'Amélie" })).toBe(5);
    expect(textValue("overview_words", { overview: "Он  и она." })).toBe(Math.log1p(3));
  });

  it("tells no tagline from no word about the film at all", () => {
    expect(textValue("tagline_words", { title: "Heat" })).toBe(0);
    expect(textValue("tagline_words", {})).toBeNaN();
    expect(textValue("theme_war", {})).toBeNaN();
  });

  it("tells themes as shares of the plot's words", () => {
    expect(textValue("theme_war", { overview: "A Soldier, a war." })).toBe(2 / 4);
    expect(textValue("theme_love", { overview: "A Soldier, a war." })).toBe(0);
    expect(textValue("theme_war", { overview: "…" })).toBe(0);
  });

  it("counts each word for one theme only", () => {
    const words = Object.values(THEMES).flatMap((list) => list.split(" "));
    const twice = words.filter((word, i) => words.indexOf(word) !== i);
    expect(twice).toEqual([]);
    expect(themeShares(words).length).toBe(THEME_NAMES.length);
  });
});
