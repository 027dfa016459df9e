import { describe, expect, it } from "vitest";
import type { EpochDay } from "../contracts/time.ts";
import { computeFeatures } from "./compute-features.ts";
import { type FilmFacts, UNKNOWN_FILM } from "./film-facts.ts";
import { RATING_COLUMNS } from "./film-views.ts";
import { buildRatingHistory, type RatedFilm } from "./rating-history.ts";
import { summarise } from "./track-record.ts";

function facts(releaseDay: number, seed: number): FilmFacts {
  return {
    ...UNKNOWN_FILM,
    releaseDay: releaseDay as EpochDay,
    runtimeMinutes: 90,
    budgetUsd: 1_000_000 + seed,
    language: "en",
    genreIds: seed % 2 === 0 ? [18] : [35],
    directorIds: [seed % 5],
    writerIds: [seed % 3],
    castIds: [seed % 7, (seed + 3) % 7],
    composerIds: [seed % 11],
    companyIds: [seed % 2],
    collectionId: seed % 4 === 0 ? 1 : undefined,
  };
}

const films: RatedFilm[] = Array.from({ length: 60 }, (_, i) => ({
  tmdbId: i + 1,
  facts: facts(Math.floor(i / 2) * 10, i),
  rating: 5 + ((i * 37) % 40) / 10,
}));

describe("the history of ratings", () => {
  it("records a film's rating over the level of its day, under everyone who took part", () => {
    const history = buildRatingHistory(films, 0);
    expect(summarise(history.get("climate:all"), 1_000 as EpochDay).count).toBe(60);
    expect(summarise(history.get("director:0"), 1_000 as EpochDay).count).toBe(12);
    const [first, second, third] = films;
    const level = (first!.rating + second!.rating) / 2;
    expect(summarise(history.get("director:2"), 11 as EpochDay).last).toBeCloseTo(third!.rating - level, 12);
  });

  it("does not depend on the order in which films are given", () => {
    expect(buildRatingHistory([...films].reverse(), 0)).toEqual(buildRatingHistory(films, 0));
  });

  it("lets a rating count only after the maturity window", () => {
    const history = buildRatingHistory(films, 30);
    expect(summarise(history.get("climate:all"), 30 as EpochDay).count).toBe(0);
    expect(summarise(history.get("climate:all"), 31 as EpochDay).count).toBe(2);
  });

  it("counts every film in the calendar, rated or not, on the day of its release", () => {
    const unrated = films.map(({ tmdbId, facts }) => ({ tmdbId, facts }));
    const history = buildRatingHistory(unrated, 30);
    expect(summarise(history.get("calendar:all"), 11 as EpochDay).count).toBe(4);
    expect(summarise(history.get("calendar:18"), 10 as EpochDay).count).toBe(1);
    expect(summarise(history.get("climate:all"), 1_000 as EpochDay).count).toBe(0);
    expect(history.has("director:0")).toBe(false);
  });

  it("records a director's films with one lead or writer", () => {
    const history = buildRatingHistory(films, 0);
    // Film 6 is by director 1 with the leads 6 and 2; so is every 35th from there.
    expect(summarise(history.get("pairing:1x6"), 1_000 as EpochDay).count).toBeGreaterThanOrEqual(2);
    expect(history.has("pairing:1x1")).toBe(false);
  });

  it("leaks nothing: noise from a day on changes no feature as of that day", () => {
    for (const { facts: own } of films.filter((_, i) => i % 7 === 0)) {
      const asOf = own.releaseDay as EpochDay;
      const noisy = films.map((film) =>
        (film.facts.releaseDay ?? 0) >= asOf ? { ...film, rating: 10 - film.rating / 2 } : film,
      );
      const before = valuesWith(films, own, asOf);
      const after = valuesWith(noisy, own, asOf);
      RATING_COLUMNS.forEach(({ name }, i) => {
        expect(after[i], name).toBe(before[i]);
      });
    }
  });
});

function valuesWith(rated: readonly RatedFilm[], film: FilmFacts, asOf: EpochDay): Float64Array {
  const history = buildRatingHistory(rated, 0);
  return computeFeatures({ film, asOf, record: (key) => history.get(key) });
}
