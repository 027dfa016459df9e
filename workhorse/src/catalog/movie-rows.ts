import type { Instant } from "@marquee/shared/contracts/time";
import type { TmdbMovie } from "./tmdb-movie.ts";

/** One film with where its body lies, as read from the archive. */
export interface LoadedMovie {
  movie: TmdbMovie;
  payloadSha256: string;
  observedAt: Instant;
}

/** Rows by table, in the columns' names, ready for jsonb_to_recordset. */
export interface MovieRows {
  collections: { collection_id: number; name: string }[];
  people: { person_id: number; name: string }[];
  companies: { company_id: number; name: string }[];
  movies: Record<string, unknown>[];
  movie_genres: { tmdb_id: number; genre_id: number }[];
  credits: {
    tmdb_id: number;
    credit_id: string;
    person_id: number;
    department: string;
    job: string;
    billing: number | null;
  }[];
  movie_companies: { tmdb_id: number; company_id: number; position: number }[];
}

/** @param films in the order of their fetching; of a film that comes twice the last body counts */
export function movieRows(films: readonly LoadedMovie[]): MovieRows {
  const latest = [...new Map(films.map((film) => [film.movie.id, film])).values()];
  const movies = latest.map(({ movie }) => movie);
  return {
    collections: unique(
      movies.flatMap(({ belongs_to_collection: collection }) =>
        collection ? [{ collection_id: collection.id, name: collection.name }] : [],
      ),
      ({ collection_id }) => collection_id,
    ),
    people: unique(
      movies.flatMap(({ credits }) =>
        [...(credits?.cast ?? []), ...(credits?.crew ?? [])].map(({ id, name }) => ({ person_id: id, name })),
      ),
      ({ person_id }) => person_id,
    ),
    companies: unique(
      movies.flatMap(({ production_companies: companies }) =>
        companies.map(({ id, name }) => ({ company_id: id, name })),
      ),
      ({ company_id }) => company_id,
    ),
    movies: latest.map(movieRow),
    movie_genres: movies.flatMap(({ id, genres }) =>
      unique(
        genres.map((genre) => ({ tmdb_id: id, genre_id: genre.id })),
        ({ genre_id }) => genre_id,
      ),
    ),
    credits: movies.flatMap(creditRows),
    movie_companies: movies.flatMap(({ id, production_companies: companies }) =>
      unique(
        companies.map((company, position) => ({ tmdb_id: id, company_id: company.id, position })),
        ({ company_id }) => company_id,
      ),
    ),
  };
}

function movieRow({ movie, payloadSha256 }: LoadedMovie): Record<string, unknown> {
  return {
    tmdb_id: movie.id,
    imdb_id: movie.imdb_id,
    title: movie.title,
    original_title: movie.original_title,
    original_language: movie.original_language,
    release_date: movie.release_date,
    status: movie.status,
    runtime_minutes: movie.runtime,
    budget_usd: movie.budget,
    revenue_usd: movie.revenue,
    overview: movie.overview,
    tagline: movie.tagline,
    collection_id: movie.belongs_to_collection?.id ?? null,
    payload_sha256: payloadSha256,
  };
}

function creditRows({ id, credits }: TmdbMovie): MovieRows["credits"] {
  const cast = (credits?.cast ?? []).map((credit) => ({
    tmdb_id: id,
    credit_id: credit.credit_id,
    person_id: credit.id,
    department: "Acting",
    job: "Actor",
    billing: credit.order ?? null,
  }));
  const crew = (credits?.crew ?? []).map((credit) => ({
    tmdb_id: id,
    credit_id: credit.credit_id,
    person_id: credit.id,
    department: credit.department ?? "Unknown",
    job: credit.job ?? "Unknown",
    billing: null,
  }));
  return unique([...cast, ...crew], ({ credit_id }) => credit_id);
}

/** Of equal keys the last value counts, at the first one's place. */
function unique<Row, Key>(rows: readonly Row[], key: (row: Row) => Key): Row[] {
  return [...new Map(rows.map((row) => [key(row), row])).values()];
}

/** What TMDB's own users gave, as seen on the day of the fetch; a film without votes has no rating. */
export function tmdbRatingRows(
  films: readonly LoadedMovie[],
): { source_id: string; observed_on: string; average: number; votes: number }[] {
  return unique(
    films.flatMap(({ movie, observedAt }) =>
      movie.vote_count && typeof movie.vote_average === "number"
        ? [
            {
              source_id: String(movie.id),
              observed_on: observedAt.slice(0, 10),
              average: movie.vote_average,
              votes: movie.vote_count,
            },
          ]
        : [],
    ),
    (row) => `${row.source_id} ${row.observed_on}`,
  );
}
