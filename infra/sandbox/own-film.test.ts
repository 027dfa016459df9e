import { describe, expect, test } from "vitest";
import { ownFilm } from "./own-film.ts";
import { reasonOf } from "./refusals.ts";

const body = {
  id: 603,
  title: "The Matrix",
  release_date: "1999-03-31",
  imdb_id: "tt0133093",
  tagline: "Free your mind.",
  credits: { cast: [{ id: 6384, name: "Keanu Reeves" }], crew: [] },
  videos: { results: [] },
  changed_at: "2026-07-01T10:00:00Z",
};

test("a body of TMDB's becomes a film, its parts apart", () => {
  const film = ownFilm(JSON.stringify(body));
  expect(film).toMatchObject({ id: 603, imdbId: "tt0133093", releaseDate: "1999-03-31", changedOn: "2026-07-01" });
  expect(JSON.parse(String(film.details))).toEqual({
    id: 603,
    title: "The Matrix",
    release_date: "1999-03-31",
    imdb_id: "tt0133093",
    tagline: "Free your mind.",
  });
  expect(JSON.parse(String(film.parts.credits))).toEqual(body.credits);
});

test("parts that it lacks are empty, but for the IMDb id", () => {
  const { parts } = ownFilm(JSON.stringify({ id: 603, title: "The Matrix", imdb_id: "tt0133093" }));
  expect(JSON.parse(String(parts.credits))).toEqual({ cast: [], crew: [] });
  expect(JSON.parse(String(parts.keywords))).toEqual({ keywords: [] });
  expect(JSON.parse(String(parts.release_dates))).toEqual({ results: [] });
  expect(JSON.parse(String(parts.external_ids))).toMatchObject({ imdb_id: "tt0133093", wikidata_id: null });
});

test("its IMDb id may stand in the external ids alone", () => {
  const film = ownFilm(JSON.stringify({ id: 1, title: "One", imdb_id: null, external_ids: { imdb_id: "tt0000001" } }));
  expect(film.imdbId).toBe("tt0000001");
});

describe("TMDB's ways to say unknown are kept", () => {
  const rows = [
    { says: "an empty date", fields: { release_date: "" } },
    { says: "a null date", fields: { release_date: null } },
    { says: "no date", fields: {} },
  ];
  test.each(rows)("$says", ({ fields }) => {
    const film = ownFilm(JSON.stringify({ id: 1, title: "One", ...fields }));
    expect(film.releaseDate).toBeUndefined();
    expect(JSON.parse(String(film.details))).toEqual({ id: 1, title: "One", ...fields });
  });
});

describe("a line is refused with its reason", () => {
  const rows = [
    { says: "that is not JSON", line: "{", reason: /JSON/ },
    { says: "without an id", line: '{"title":"One"}', reason: /^id / },
    { says: "with an id that TMDB cannot have", line: '{"id":-1,"title":"One"}', reason: /^id must be at least 1/ },
    { says: "without a title", line: '{"id":1}', reason: /^title / },
    {
      says: "with a date that is none",
      line: '{"id":1,"title":"One","release_date":"1999"}',
      reason: /^release_date /,
    },
    { says: "with credits of another form", line: '{"id":1,"title":"One","credits":[]}', reason: /^credits / },
    { says: "that is a list", line: "[]", reason: /object/ },
  ];
  test.each(rows)("$says", ({ line, reason }) => {
    expect(reasonFor(line)).toMatch(reason);
  });
});

function reasonFor(line: string): string {
  try {
    ownFilm(line);
    return "";
  } catch (error) {
    return reasonOf(error);
  }
}
