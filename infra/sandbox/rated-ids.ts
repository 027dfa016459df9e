import type { DataFile } from "./data-file.ts";
import type { Film } from "./film.ts";
import { readLines, unpacked } from "./read-lines.ts";

/** Which of the ids have a row in title.ratings. Reads the whole file once, by chunks; without a file none has. */
export async function ratedIds(ratings: DataFile | undefined, wanted: ReadonlySet<string>): Promise<Set<string>> {
  const rated = new Set<string>();
  if (!ratings) return rated;
  const { open } = await ratings.state();
  for await (const { lines } of readLines(unpacked(open()))) {
    for (const line of lines) {
      const id = line.slice(0, line.indexOf("\t"));
      if (wanted.has(id)) rated.add(id);
    }
  }
  return rated;
}

export function imdbIdsOf(films: Iterable<Film>): Set<string> {
  return new Set([...films].map(({ imdbId }) => imdbId).filter((id) => id !== undefined));
}

export function countRated(films: readonly Film[], rated: ReadonlySet<string>): number {
  return films.filter(({ imdbId }) => imdbId !== undefined && rated.has(imdbId)).length;
}
