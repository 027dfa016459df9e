import { MarqueeError } from "@marquee/shared/service/errors";
import { z } from "zod";
import { type MovieBody, movieBodySchema } from "./film.ts";
import type { CsvRow } from "./read-csv.ts";
import { reasonOf } from "./refusals.ts";

/** The columns of tmdb_5000_movies.csv. */
export const MOVIE_COLUMNS = [
  "budget",
  "genres",
  "homepage",
  "id",
  "keywords",
  "original_language",
  "original_title",
  "overview",
  "popularity",
  "production_companies",
  "production_countries",
  "release_date",
  "revenue",
  "runtime",
  "spoken_languages",
  "status",
  "tagline",
  "title",
  "vote_average",
  "vote_count",
] as const;

/** A film of TMDB 5000 before its credits are joined. */
export interface RecordedMovie {
  body: MovieBody;
  details: object;
  keywords: object;
}

/** What a loader could make of a row, or why nothing. */
export type Mapped<Value> = { ok: true; value: Value } | { ok: false; reason: string };

/** Digits without `tt` as links.csv has them; IMDb writes at least seven. */
export function imdbIdOfDigits(digits: string): string | undefined {
  return /^\d+$/.test(digits) ? `tt${digits.padStart(7, "0")}` : undefined;
}

/** A film's IMDb ids in the order of links.csv, by TMDB id; a few films have two. */
export function linkedIds(rows: Iterable<CsvRow>): Map<number, string[]> {
  const ids = new Map<number, string[]>();
  for (const { imdbId = "", tmdbId = "" } of rows) {
    const id = imdbIdOfDigits(imdbId);
    if (tmdbId === "" || id === undefined) continue;
    const known = ids.get(Number(tmdbId));
    if (known) known.push(id);
    else ids.set(Number(tmdbId), [id]);
  }
  return ids;
}

/**
 * The one IMDb id that TMDB answers for a film. Where links.csv has two, the first counts (TMDB 22649: both are titles,
 * the second is a remake), unless IMDb's ratings do not know it and know the other (TMDB 10991, 15028, 4912: IMDb has
 * retired the first).
 */
export function chosenIds(
  linked: ReadonlyMap<number, readonly string[]>,
  rated: ReadonlySet<string>,
): Map<number, string> {
  const chosen = new Map<number, string>();
  for (const [tmdbId, ids] of linked) {
    const id = ids.find((candidate) => rated.has(candidate)) ?? ids[0];
    if (id !== undefined) chosen.set(tmdbId, id);
  }
  return chosen;
}

/** The details that TMDB answered when the data was recorded; pictures and collections were not, and are null. */
export function recordedMovie(row: CsvRow, imdbIds: ReadonlyMap<number, string>): Mapped<RecordedMovie> {
  return attempt(() => {
    const details = {
      adult: false,
      backdrop_path: null,
      belongs_to_collection: null,
      budget: number(row, "budget"),
      genres: json(row, "genres"),
      homepage: row.homepage ?? "",
      id: number(row, "id"),
      imdb_id: imdbIds.get(number(row, "id")) ?? null,
      original_language: row.original_language ?? "",
      original_title: row.original_title ?? "",
      overview: row.overview ?? "",
      popularity: number(row, "popularity"),
      poster_path: null,
      production_companies: json(row, "production_companies"),
      production_countries: json(row, "production_countries"),
      release_date: row.release_date ?? "",
      revenue: number(row, "revenue"),
      runtime: row.runtime ? number(row, "runtime") : null,
      spoken_languages: json(row, "spoken_languages"),
      status: row.status ?? "",
      tagline: row.tagline ?? "",
      title: row.title ?? "",
      video: false,
      vote_average: number(row, "vote_average"),
      vote_count: number(row, "vote_count"),
    };
    return { body: movieBodySchema.parse(details), details, keywords: { keywords: json(row, "keywords") } };
  });
}

/** The credits of a row of tmdb_5000_credits.csv in TMDB's form; portraits were not recorded. */
export function recordedCredits(row: CsvRow): Mapped<{ id: number; credits: object }> {
  return attempt(() => {
    const withPortrait = (person: object) => ({ ...person, profile_path: null });
    const credits = { cast: json(row, "cast").map(withPortrait), crew: json(row, "crew").map(withPortrait) };
    return { id: number(row, "movie_id"), credits };
  });
}

function attempt<Value>(make: () => Value): Mapped<Value> {
  try {
    return { ok: true, value: make() };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  }
}

function json(row: CsvRow, column: string): object[] {
  return read(row, column, (text) => {
    const list: unknown = JSON.parse(text || "[]");
    if (Array.isArray(list)) return list as object[];
    throw new MarqueeError("SANDBOX_DATA_INVALID", "is not a JSON list");
  });
}

function number(row: CsvRow, column: string): number {
  return read(row, column, (text) => numberSchema.parse(text === "" ? undefined : text));
}

const numberSchema = z.coerce.number();

function read<Value>(row: CsvRow, column: string, parse: (text: string) => Value): Value {
  try {
    return parse(row[column] ?? "");
  } catch (error) {
    throw new MarqueeError("SANDBOX_DATA_INVALID", `${column}: ${reasonOf(error)}`, { cause: error });
  }
}
