import { createLogger } from "@marquee/shared/service/logger";
import { createFilm, type Film, type FilmExtras, type MovieBody, movieBodySchema } from "../film.ts";
import { createFilmSet, type FilmSet } from "../film-set.ts";
import { tableFile } from "../imdb-file.ts";

export const silentLog = createLogger("sandbox-test", "silent");

export const OBSERVED_AT = new Date("2020-05-01T00:00:00Z");

/** A film with what a test says of it and TMDB's "unknown" for the rest. */
export function film(fields: Partial<Record<string, unknown>> & { id: number }, extras: FilmExtras = {}): Film {
  const body: MovieBody = movieBodySchema.parse({ title: `Film ${fields.id}`, release_date: "2000-01-01", ...fields });
  return createFilm(body, extras);
}

/** A set of these films, one of them rated at IMDb. */
export function filmSetOf(films: readonly Film[]): FilmSet {
  return createFilmSet({
    name: "few films",
    description: "Made up for tests.",
    films,
    rated: 1,
    imdbFiles: { "title.ratings": tableFile("title.ratings", () => [["tt0000001", "7.1", 120]], OBSERVED_AT) },
    observedAt: OBSERVED_AT,
  });
}
