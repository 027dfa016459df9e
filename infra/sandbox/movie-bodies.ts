import type { Film, PartName } from "./film.ts";

const CLOSING_BRACE = Buffer.from("}");

/** The body of `GET /3/movie/{id}?append_to_response=…`: the details with each part nested under its name, in the order asked for. */
export function detailsBody(film: Film, appended: readonly PartName[]): Buffer {
  if (appended.length === 0) return film.details;
  const pieces: Buffer[] = [film.details.subarray(0, -1)];
  for (const name of appended) pieces.push(Buffer.from(`,"${name}":`), film.parts[name]);
  return Buffer.concat([...pieces, CLOSING_BRACE]);
}

/** The body of `GET /3/movie/{id}/credits` and its like: the part with the film's id before it. */
export function partBody(film: Film, name: PartName): Buffer {
  const part = film.parts[name];
  // An empty object has nothing to put a comma before.
  return Buffer.concat([Buffer.from(`{"id":${film.id}${part.length > 2 ? "," : ""}`), part.subarray(1)]);
}

/** A film as TMDB's lists show it: fewer fields than the details, genres as ids. */
export function listEntry(film: Film): object {
  const details = JSON.parse(film.details.toString()) as Record<string, unknown>;
  return {
    adult: film.adult,
    backdrop_path: details.backdrop_path ?? null,
    genre_ids: film.genres.map(({ id }) => id),
    id: film.id,
    original_language: film.language,
    original_title: film.originalTitle,
    overview: details.overview ?? "",
    popularity: film.popularity,
    poster_path: details.poster_path ?? null,
    release_date: film.releaseDate ?? "",
    title: film.title,
    video: film.video,
    vote_average: film.voteAverage,
    vote_count: film.voteCount,
  };
}
