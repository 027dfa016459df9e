import type { CopyValue } from "./copy-line.ts";
import type { FetchedFilm } from "./fetched-film.ts";
import type { TmdbMovie } from "./tmdb-movie.ts";

/** A row in the order of its table's columns. */
export type Row = readonly CopyValue[];

/** The columns of `movies` that a body tells; the rest is found by linking. */
export const MOVIE_COLUMNS = [
  "tmdb_id",
  "external_imdb_id",
  "title",
  "original_title",
  "original_language",
  "release_date",
  "status",
  "runtime_minutes",
  "budget_usd",
  "revenue_usd",
  "overview",
  "tagline",
  "countries",
  "keywords",
  "collection_id",
  "payload_sha256",
  "manifest_key",
  "fetched_at",
] as const;

/** In the order of MOVIE_COLUMNS. */
export function movieRow({ movie, payloadSha256, manifestKey, observedAt }: FetchedFilm): Row {
  return [
    movie.id,
    movie.imdb_id,
    movie.title,
    movie.original_title,
    movie.original_language,
    movie.release_date,
    movie.status,
    movie.runtime,
    movie.budget,
    movie.revenue,
    movie.overview,
    movie.tagline,
    movie.production_countries,
    movie.keywords,
    movie.belongs_to_collection?.id ?? null,
    payloadSha256,
    manifestKey === "" ? null : manifestKey,
    observedAt,
  ];
}

/** What hangs on films, by table, with the columns that each row is made of. */
export const LISTS = {
  movie_genres: {
    columns: ["tmdb_id", "genre_id"],
    rows: ({ id, genres }) =>
      unique(
        genres.map((genre) => [id, genre.id]),
        1,
      ),
  },
  credits: {
    columns: ["tmdb_id", "credit_id", "person_id", "department", "job", "billing"],
    rows: creditRows,
  },
  movie_companies: {
    columns: ["tmdb_id", "company_id", "position"],
    rows: ({ id, production_companies: companies }) =>
      unique(
        companies.map((company, position) => [id, company.id, position]),
        1,
      ),
  },
} as const satisfies Record<string, { columns: readonly string[]; rows(movie: TmdbMovie): Row[] }>;

function creditRows({ id, credits }: TmdbMovie): Row[] {
  const cast = (credits?.cast ?? []).map(
    (credit): Row => [id, credit.credit_id, credit.id, "Acting", "Actor", credit.order ?? null],
  );
  const crew = (credits?.crew ?? []).map(
    (credit): Row => [id, credit.credit_id, credit.id, credit.department ?? "Unknown", credit.job ?? "Unknown", null],
  );
  return unique([...cast, ...crew], 1);
}

/** Of rows with an equal key column the last counts, at the first one's place. */
function unique(rows: readonly Row[], key: number): Row[] {
  return [...new Map(rows.map((row) => [row[key], row])).values()];
}
