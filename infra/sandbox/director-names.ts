import { z } from "zod";
import type { Film } from "./film.ts";
import { type TsvFields, tsvLine } from "./imdb-file.ts";
import type { LineSource } from "./merged-file.ts";
import { imdbIdsOf } from "./rated-ids.ts";

/** IMDb names at most so many titles that a person is known for. */
const KNOWN_FOR = 4;

const creditsSchema = z.object({ crew: z.array(z.looseObject({ job: z.string(), name: z.string() })) });

/**
 * Lines of name.basics that follow from two recordings: where IMDb's crew has one director of a film and TMDB's credits
 * have one, the id is IMDb's and the name TMDB's. Years of birth and death do not follow and are null.
 */
export function directorNames(films: readonly Film[], crewLines: LineSource): LineSource {
  return async function* () {
    const directorOf = await singleDirectors(crewLines, imdbIdsOf(films));
    yield nameRows(films, directorOf).map((fields) => tsvLine(fields).trimEnd());
  };
}

async function singleDirectors(crewLines: LineSource, titles: ReadonlySet<string>): Promise<Map<string, string>> {
  const directorOf = new Map<string, string>();
  for await (const batch of crewLines()) {
    for (const line of batch) {
      const [title = "", directors = ""] = line.split("\t");
      if (titles.has(title) && /^nm\d+$/.test(directors)) directorOf.set(title, directors);
    }
  }
  return directorOf;
}

/** @param directorOf the id of a title's only director at IMDb */
export function nameRows(films: readonly Film[], directorOf: ReadonlyMap<string, string>): TsvFields[] {
  const people = new Map<string, { name: string; titles: string[] }>();
  for (const film of films) {
    const id = film.imdbId === undefined ? undefined : directorOf.get(film.imdbId);
    const name = id === undefined ? undefined : onlyDirector(film);
    if (film.imdbId === undefined || id === undefined || name === undefined) continue;
    const person = people.get(id) ?? { name, titles: [] };
    people.set(id, person);
    if (person.titles.length < KNOWN_FOR) person.titles.push(film.imdbId);
  }
  return [...people]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, { name, titles }]) => [id, name, null, null, "director", titles.join(",")]);
}

function onlyDirector(film: Film): string | undefined {
  const { crew } = creditsSchema.parse(JSON.parse(film.parts.credits.toString()));
  const names = new Set(crew.filter(({ job }) => job === "Director").map(({ name }) => name));
  return names.size === 1 ? [...names][0] : undefined;
}
