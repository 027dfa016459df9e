import { describe, expect, it } from "vitest";
import type { EpochDay } from "../contracts/time.ts";
import { competitionView } from "./competition-view.ts";
import { type FilmFacts, UNKNOWN_FILM } from "./film-facts.ts";
import { buildRatingHistory } from "./rating-history.ts";

const RELEASE = 1_000;
const film = (releaseDay: number, facts: Partial<FilmFacts> = {}): FilmFacts => ({
  ...UNKNOWN_FILM,
  releaseDay: releaseDay as EpochDay,
  ...facts,
});

/** The view of a drama of day 1,000 among these films. */
function competitionOf(others: readonly FilmFacts[], facts: Partial<FilmFacts> = { genreIds: [18] }, asOf = RELEASE) {
  const own = film(RELEASE, facts);
  const history = buildRatingHistory(
    [own, ...others].map((each, i) => ({ tmdbId: i + 1, facts: each })),
    30,
  );
  return competitionView.compute({ film: own, asOf: asOf as EpochDay, record: (key) => history.get(key) });
}

describe("the competition around a release", () => {
  it.each([
    ["of the day itself", 1_000, 0],
    ["of the day before", 999, 1],
    ["of 28 days before", 972, 1],
    ["of 29 days before", 971, 0],
    ["of the day after", 1_001, 0],
  ])("counts a film %s or not", (_when, day, expected) => {
    expect(competitionOf([film(day)])[0]).toBe(Math.log1p(expected));
  });

  it("counts films without a rating, those of the same genres per genre, and adds up the budgets that are known", () => {
    const others = [
      film(990, { genreIds: [18, 35], budgetUsd: 1_000_000 }),
      film(991, { genreIds: [18], budgetUsd: 10_000 }),
      film(992, { genreIds: [27] }),
    ];
    const [films, sameGenre, budget] = competitionOf(others, { genreIds: [18, 35], budgetUsd: 7 });
    expect(films).toBe(Math.log1p(3));
    expect(sameGenre).toBe(Math.log1p((2 + 1) / 2));
    expect(budget).toBeCloseTo(6 + 4, 12);
  });

  it("says of its columns that they are not yet known with the announcement", () => {
    expect(competitionView.columns.map(({ knownWhen }) => knownWhen)).toEqual(Array(3).fill("before_release"));
  });

  it("is unknown before the release, since its window is not over, and of a film without a day", () => {
    expect(competitionOf([film(990)], {}, RELEASE - 1)).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect(competitionOf([film(990)], { releaseDay: undefined })).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });

  it("says of films of no genre only how many there are in all", () => {
    expect(competitionOf([film(990, { genreIds: [18] })], {})).toEqual([Math.log1p(1), Number.NaN, 0]);
  });
});
