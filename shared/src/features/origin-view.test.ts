import { expect, it } from "vitest";
import type { EpochDay } from "../contracts/time.ts";
import { type FilmFacts, UNKNOWN_FILM } from "./film-facts.ts";
import { originView } from "./origin-view.ts";

function originOf(facts: Partial<FilmFacts>): Record<string, number> {
  const values = originView.compute({
    film: { ...UNKNOWN_FILM, ...facts },
    asOf: 0 as EpochDay,
    record: () => undefined,
  });
  return Object.fromEntries(originView.columns.map(({ name }, i) => [name, values[i] ?? Number.NaN]));
}

it("tells the language's family and the large countries, each with its flag", () => {
  expect(originOf({ language: "fr", countries: ["FR", "BE"] })).toMatchObject({
    ...{ language_european: 1, language_english: 0, country_fr: 1, country_us: 0, countries: 2 },
  });
});

it("counts four countries at most", () => {
  expect(originOf({ countries: ["FR", "BE", "DE", "IT", "ES"] }).countries).toBe(4);
});

it("knows the one where the other is unknown", () => {
  expect(originOf({ language: "en" })).toMatchObject({ language_english: 1, country_us: Number.NaN });
  expect(originOf({ countries: ["US"] })).toMatchObject({ language_english: Number.NaN, country_us: 1 });
});
