import { describe, expect, it } from "vitest";
import { type CalendarDate, epochDay } from "../contracts/time.ts";
import { createClimateRecord } from "./climate-view.ts";
import { asOfDay, computeFeatures, missingGroups } from "./compute-features.ts";
import { FEATURE_GROUPS, type RecordKey } from "./feature-view.ts";
import { decodeFilmFacts, encodeFilmFacts, type FilmFacts, UNKNOWN_FILM } from "./film-facts.ts";
import { ALL_VIEWS, RATING_COLUMNS, RATING_VIEWS, RATING_VIEWS_HASH } from "./film-views.ts";
import { recordKeysOf } from "./record-views.ts";
import { createTrackRecord, type TrackRecord } from "./track-record.ts";
import { hashViews } from "./view-hash.ts";

const on = (date: string) => epochDay(date as CalendarDate);

const film: FilmFacts = {
  ...UNKNOWN_FILM,
  releaseDay: on("2001-07-02"),
  runtimeMinutes: 120,
  budgetUsd: 1_000_000,
  language: "fr",
  genreIds: [18],
  directorIds: [7],
  castIds: [1, null],
  companyIds: [],
};
function valuesOf(facts: FilmFacts, records: Partial<Record<RecordKey, TrackRecord>> = {}): Map<string, number> {
  const values = computeFeatures({ film: facts, asOf: on("2001-07-02"), record: (key) => records[key] });
  return new Map(RATING_COLUMNS.map((column, i) => [column.name, values[i] ?? Number.NaN]));
}

describe("the rating model's features", () => {
  it("give one number per column, and column names are unique over all views", () => {
    expect(valuesOf(film).size).toBe(RATING_COLUMNS.length);
    const names = ALL_VIEWS.flatMap(({ columns }) => columns.map(({ name }) => name));
    expect(new Set(names).size).toBe(names.length);
  });

  it("tell metadata in the columns' units", () => {
    const values = valuesOf(film);
    expect(values.get("release_year")).toBeCloseTo(2001.5, 2);
    expect(values.get("release_season_cos")).toBeCloseTo(-1, 2);
    expect(values.get("budget_log10")).toBe(6);
    expect(values.get("language_european")).toBe(1);
    expect(values.get("language_english")).toBe(0);
    expect(values.get("genre_drama")).toBe(1);
    expect(values.get("genre_comedy")).toBe(0);
  });

  it("shrink a director's mean towards zero and say how long ago the last film was", () => {
    const director = createTrackRecord([
      { day: on("1999-07-02"), value: 1 },
      { day: on("2000-07-01"), value: 2 },
    ]);
    const values = valuesOf(film, { "director:7": director });
    expect(values.get("director_films")).toBeCloseTo(Math.log(3), 12);
    expect(values.get("director_mean")).toBeCloseTo(3 / (2 + 2), 12);
    expect(values.get("director_last")).toBe(2);
    expect(values.get("director_best")).toBe(2);
    expect(values.get("director_years_since")).toBeCloseTo(Math.log1p(366 / 365.2425), 12);
  });

  it("say nothing of who was not given, and zero films of who is new", () => {
    const values = valuesOf(film);
    expect(values.get("writer_films")).toBeNaN();
    expect(values.get("company_films")).toBeNaN();
    expect(values.get("director_films")).toBe(0);
    expect(values.get("director_mean")).toBe(0);
    expect(values.get("director_last")).toBeNaN();
    expect(values.get("cast_films")).toBe(0);
  });

  it("know the rating level even of a film of which nothing is known", () => {
    const values = valuesOf(UNKNOWN_FILM, {
      "climate:all": createClimateRecord([{ day: on("2001-07-01"), value: 6 }]),
    });
    expect(values.get("climate_mean")).toBe(6);
    expect(missingGroups([...values.values()])).toEqual(
      Object.keys(FEATURE_GROUPS).filter((group) => group !== "climate" && group !== "text"),
    );
  });

  it("ask for exactly the records that they use", () => {
    const asked = new Set<RecordKey>();
    computeFeatures({
      film,
      asOf: on("2001-07-02"),
      record: (key) => {
        asked.add(key);
        return undefined;
      },
    });
    expect([...asked].sort()).toEqual(recordKeysOf(film).sort());
  });

  it("hold as of the earlier of today and the release", () => {
    expect(asOfDay(on("2026-01-01"), on("2001-07-02"))).toBe(on("2001-07-02"));
    expect(asOfDay(on("2026-01-01"), on("2027-07-02"))).toBe(on("2026-01-01"));
    expect(asOfDay(on("2026-01-01"), undefined)).toBe(on("2026-01-01"));
  });

  it("have an identity that a changed definition changes", () => {
    const [first, ...rest] = RATING_VIEWS;
    expect(hashViews(RATING_VIEWS)).toBe(RATING_VIEWS_HASH);
    expect(hashViews([{ ...first!, version: 3 }, ...rest])).not.toBe(RATING_VIEWS_HASH);
  });

  it("travel: a film's facts come back from the online store as they went", () => {
    expect(decodeFilmFacts(encodeFilmFacts(film))).toEqual(film);
    expect(decodeFilmFacts(encodeFilmFacts(UNKNOWN_FILM))).toEqual(UNKNOWN_FILM);
  });
});
