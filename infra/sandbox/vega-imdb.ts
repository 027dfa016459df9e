import type { DataFile } from "./data-file.ts";
import { type ImdbFileName, type TsvFields, tableFile } from "./imdb-file.ts";
import { imdbGenres } from "./vega-genres.ts";
import { FIRST_PERSON_ID, type SampleFilm, type SampleIds } from "./vega-mapping.ts";

type RatedFilm = SampleFilm & { imdbId: string; rating: number };

/** IMDb's side of the sample: the films with a rating and the people in them, from the same facts as TMDB's side. */
export function sampleImdbFiles(
  films: readonly SampleFilm[],
  ids: SampleIds,
  observedAt: Date,
): Partial<Record<ImdbFileName, DataFile>> {
  const rated = films.filter((film) => film.rating !== null && film.imdbId !== undefined) as RatedFilm[];
  return {
    "title.basics": tableFile("title.basics", () => rated.map(basicsRow), observedAt),
    "title.ratings": tableFile("title.ratings", () => rated.map(ratingsRow), observedAt),
    "title.crew": tableFile("title.crew", () => rated.map((film) => crewRow(film, ids)), observedAt),
    "title.principals": tableFile(
      "title.principals",
      () => rated.flatMap((film) => principalRows(film, ids)),
      observedAt,
    ),
    "name.basics": tableFile("name.basics", () => nameRows(rated, ids), observedAt),
  };
}

export function basicsRow(film: RatedFilm): TsvFields {
  return [film.imdbId, "movie", film.title, film.title, 0, film.year, null, film.runtime, imdbGenres(film.genres)];
}

export function ratingsRow(film: RatedFilm): TsvFields {
  return [film.imdbId, film.rating.toFixed(1), film.votes];
}

export function crewRow(film: RatedFilm, ids: SampleIds): TsvFields {
  return [film.imdbId, film.director === undefined ? null : nameId(film.director, ids), null];
}

export function principalRows(film: RatedFilm, ids: SampleIds): TsvFields[] {
  const people = [
    // The sample does not say who is an actress.
    ...film.cast.map((name) => ({ name, category: "actor" })),
    ...(film.director === undefined ? [] : [{ name: film.director, category: "director" }]),
  ];
  return people.map(({ name, category }, i) => [film.imdbId, i + 1, nameId(name, ids), category, null, null]);
}

/** People by their ids, each with the professions that the sample shows and the four titles with the most votes. */
export function nameRows(films: readonly RatedFilm[], ids: SampleIds): TsvFields[] {
  const seen = new Map<string, { professions: Set<string>; titles: Set<string> }>();
  for (const film of [...films].sort((a, b) => b.votes - a.votes || a.id - b.id)) {
    for (const name of film.cast) note(name, "actor", film.imdbId);
    if (film.director !== undefined) note(film.director, "director", film.imdbId);
  }
  function note(name: string, profession: string, title: string): void {
    const known = seen.get(name) ?? { professions: new Set(), titles: new Set() };
    seen.set(name, known);
    known.professions.add(profession);
    if (known.titles.size < 4) known.titles.add(title);
  }
  return [...seen]
    .map(([name, { professions, titles }]) => ({ id: nameId(name, ids), name, professions, titles }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, name, professions, titles }) => [
      id,
      name,
      null,
      null,
      [...professions].sort().join(","),
      [...titles].join(","),
    ]);
}

/** The person's made-up id at IMDb, from the one at TMDB. */
function nameId(name: string, { people }: SampleIds): string {
  return `nm9${String((people.get(name) ?? FIRST_PERSON_ID) - FIRST_PERSON_ID).padStart(8, "0")}`;
}
