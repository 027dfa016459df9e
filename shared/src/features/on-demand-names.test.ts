import { describe, expect, test } from "vitest";
import type { OnlineRead } from "../backing/online-store/online-store.ts";
import type { FilmDescription } from "../contracts/prediction.ts";
import { UNKNOWN_FILM } from "./film-facts.ts";
import { createFreshness } from "./freshness.ts";
import { factsOfDescription, nameKeysOf } from "./on-demand-names.ts";
import { encodeText } from "./online-layout.ts";

/** Entities with their ids and the age of what is known of them; names beyond these are not known. */
const NAMES: Record<string, [id: number, ageSeconds: number]> = {
  "person:jane campion": [10757, 60],
  "person:michael nyman": [1039, 90],
  "person:andrew stanton": [7, 10],
  "person:pete docter": [12890, 10],
  "company:ciby 2000": [1077, 30],
};
const TTL_SECONDS = 80;

function factsOf(description: object) {
  const freshness = createFreshness();
  const lookup = ({ entity }: { entity: string }): OnlineRead => {
    const [id, ageSeconds] = NAMES[entity] ?? [undefined, 0];
    if (id === undefined) return { status: "missing" };
    return { status: ageSeconds < TTL_SECONDS ? "present" : "stale", value: encodeText(id), ageSeconds };
  };
  return { ...factsOfDescription(description as FilmDescription, lookup, freshness), ...freshness };
}

describe("a description", () => {
  test("without anything is a film of which nothing is known", () => {
    expect(factsOf({})).toEqual({ facts: UNKNOWN_FILM, unrecognised: [], stale: new Set(), ageSeconds: 0 });
    expect(nameKeysOf({})).toEqual([]);
  });

  test("becomes facts, names by the ids that the catalog knows them under", () => {
    const { facts } = factsOf({
      title: "The Piano",
      releaseDate: "1970-02-01",
      runtime: 121,
      genres: ["Drama", "Romance", "Drama"],
      directors: ["Jane  CAMPION"],
      writers: ["Jane Campion", "Nobody Yet"],
      composers: ["Michael Nyman"],
      companies: ["CiBy 2000"],
      countries: ["NZ", "AU", "NZ"],
      budget: 7_000_000,
      language: "en",
      overview: "A mute woman and her piano.",
      tagline: "Wild.",
    });
    expect(facts).toEqual({
      ...UNKNOWN_FILM,
      title: "The Piano",
      releaseDay: 31,
      runtimeMinutes: 121,
      genreIds: [18, 10749],
      directorIds: [10757],
      writerIds: [10757, null],
      composerIds: [1039],
      companyIds: [1077],
      countries: ["NZ", "AU"],
      budgetUsd: 7_000_000,
      language: "en",
      overview: "A mute woman and her piano.",
      tagline: "Wild.",
    });
  });

  test.each([
    ["a budget of 0", { budget: 0 }],
    ["an empty overview", { overview: "" }],
    ["a blank overview", { overview: " \n" }],
    ["an empty tagline", { tagline: "" }],
    ["an empty list of countries", { countries: [] }],
    ["an empty list of composers", { composers: [] }],
  ])("with %s says nothing of it", (_sentence, description) => {
    expect(factsOf(description).facts).toEqual(UNKNOWN_FILM);
  });

  test("has its crew and genres in the order of the catalog's rows, whose sums have the same last bits; leads as billed", () => {
    const people = ["Jane Campion", "Nobody Yet", "Andrew Stanton", "Pete Docter"];
    const { facts } = factsOf({
      ...{ directors: people, writers: people, composers: people, cast: people },
      genres: ["Romance", "Drama", "drama", "Crime"],
    });
    expect(facts).toMatchObject({
      ...{ directorIds: [7, 10757, 12890, null], writerIds: facts.directorIds, composerIds: facts.directorIds },
      castIds: [10757, null, 7, 12890],
      genreIds: [18, 80, 10749],
    });
  });

  test("tells once which names are not known, whatever they did", () => {
    const { unrecognised } = factsOf({ directors: ["Nobody Yet"], composers: ["Nobody Yet"], cast: ["Someone Else"] });
    expect(unrecognised).toEqual(["Nobody Yet", "Someone Else"]);
  });

  test("is as old as the oldest of its names, whose group is stale", () => {
    const { stale, ageSeconds } = factsOf({ directors: ["Jane Campion"], composers: ["Michael Nyman"] });
    expect([[...stale], ageSeconds]).toEqual([["writers"], 90]);
  });
});
