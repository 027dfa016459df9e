import { describe, expect, it } from "vitest";
import type { EpochDay } from "../contracts/time.ts";
import type { RecordKey } from "./feature-view.ts";
import { type FilmFacts, UNKNOWN_FILM } from "./film-facts.ts";
import { groupOfRecord, recordedUnder, recordViews } from "./record-views.ts";
import { createTrackRecord, type TrackRecord } from "./track-record.ts";

const ASOF = 100 as EpochDay;

function valuesOf(
  name: string,
  facts: Partial<FilmFacts>,
  records: Partial<Record<RecordKey, TrackRecord>> = {},
): Record<string, number> {
  const view = recordViews.find((candidate) => candidate.name === `${name}_track_record`);
  const input = { film: { ...UNKNOWN_FILM, ...facts }, asOf: ASOF, record: (key: RecordKey) => records[key] };
  const values = view?.compute(input) ?? [];
  return Object.fromEntries(view?.columns.map((column, i) => [column.name, values[i] ?? Number.NaN]) ?? []);
}

const twoFilms = createTrackRecord([
  { day: 10, value: 1 },
  { day: 20, value: 0.5 },
]);

describe("pairings", () => {
  it("are each director with each lead and writer who is someone else, once", () => {
    const facts = { ...UNKNOWN_FILM, directorIds: [1, 2], castIds: [3, 1], writerIds: [3, 4] };
    expect(recordedUnder(facts).filter((key) => key.startsWith("pairing:"))).toEqual([
      ...["pairing:1x3", "pairing:1x4"],
      ...["pairing:2x3", "pairing:2x1", "pairing:2x4"],
    ]);
  });

  it("tell what two did together, as a mean over all pairs of the film", () => {
    const facts = { directorIds: [1], castIds: [3, 4] };
    expect(valuesOf("pairing", facts, { "pairing:1x3": twoFilms })).toEqual({
      pairing_films: Math.log1p((2 + 0) / 2),
      pairing_mean: (1.5 / (2 + 2) + 0) / 2,
      pairing_last: 0.5,
    });
  });

  it("with two who are not known are two, as they are with two newcomers of the catalog", () => {
    const records = { "pairing:1x3": twoFilms } as const;
    const newcomers = valuesOf("pairing", { directorIds: [1], castIds: [3, 8, 9] }, records);
    expect(valuesOf("pairing", { directorIds: [1], castIds: [3, null, null] }, records)).toEqual(newcomers);
    expect(newcomers.pairing_films).toBe(Math.log1p(2 / 3));
  });

  it("with someone who is not known are pairs that did nothing together; without a director there are none", () => {
    expect(valuesOf("pairing", { directorIds: [null], castIds: [3] }).pairing_films).toBe(0);
    expect(valuesOf("pairing", { castIds: [3], writerIds: [4] }).pairing_films).toBeNaN();
  });
});

describe("whether a list was told at all", () => {
  it.each([
    ["a collection whose other films are all to come", "collection", { collectionId: 9 }, {}],
    ["a composer without earlier films", "composer", { composerIds: [5, null] }, { composerIds: undefined }],
  ])("shows nowhere: a film with %s is like one without", (_what, name, given, without) => {
    expect(valuesOf(name, given)).toEqual(valuesOf(name, without));
    expect(Object.values(valuesOf(name, given)).every(Number.isNaN)).toBe(true);
  });

  it("means over composers leave out those without a record", () => {
    const values = valuesOf("composer", { composerIds: [5, 6] }, { "composer:5": twoFilms });
    expect(values.composer_films).toBe(Math.log1p(2));
  });
});

it.each([
  ["climate:all", "climate"],
  ["composer:5", "writers"],
  ["pairing:1x3", "director"],
  ["calendar:18", "release"],
  ["company:7", "companies"],
] as const)("the record %s is told under %s", (key, group) => {
  expect(groupOfRecord(key)).toBe(group);
});

it.each([
  ["director", "credits"],
  ["pairing", "credits"],
  ["company", "movie_companies"],
  ["genre", "movie_genres"],
  ["collection", undefined],
])("the view of a %s names the tables that it is made from", (kind, link) => {
  const view = recordViews.find(({ name }) => name === `${kind}_track_record`);
  expect(view?.source).toEqual(["movies", ...(link ? [link] : []), "imdb_ratings"]);
});

it("one film is a film", () => {
  const words = recordViews.flatMap(({ columns }) => columns.map(({ description }) => description));
  expect(words.filter((text) => /\b1 films/.test(text))).toEqual([]);
});
