import type { Database } from "@marquee/shared/backing/postgres/database";
import { sha256 } from "@marquee/shared/service/ids";

/**
 * Each table of the catalog with what makes its rows equal. Left out is what says when and how a row came here: fetches,
 * times of ours, tmdb_deletions, which marks films, and the days of TMDB's ratings, which are those of our asking (IMDb's are of its files).
 */
const TABLES = {
  movies: `((to_jsonb(movies) - '{fetched_at,manifest_key}'::text[]) || jsonb_build_object('deleted_at', deleted_at is not null))::text`,
  collections: "concat_ws(' ', collection_id, name)",
  people: "concat_ws(' ', person_id, name)",
  companies: "concat_ws(' ', company_id, name)",
  movie_genres: "movie_genres::text",
  movie_companies: "movie_companies::text",
  credits: "credits::text",
  imdb_titles: "imdb_titles::text",
  imdb_people: "imdb_people::text",
  imdb_crew: "imdb_crew::text",
  imdb_principals: "imdb_principals::text",
  imdb_akas: "imdb_akas::text",
  imdb_ratings: "concat_ws(' ', imdb_number, observed_on, average, votes)",
  tmdb_ratings: "concat_ws(' ', tmdb_id, average, votes)",
  link_conflicts: "concat_ws(' ', tmdb_id, imdb_number, kind, score, detail)",
  quarantine: "concat_ws(' ', source, source_id, reason, detail)",
} as const;

/**
 * The catalog's identity: equal content has an equal hash, whenever and in whatever order it was written.
 * Rows are hashed twice to 64 bits and summed, so that no sort and no memory for the whole is needed. `offset 0` has
 * PostgreSQL write each row as text once instead of twice.
 */
export async function catalogHash(database: Database): Promise<string> {
  const parts: string[] = [];
  for (const [table, text] of Object.entries(TABLES)) {
    const [row] = await database.query<{ rows: string; first: string; second: string }>(
      `select count(*)::text as rows,
              coalesce(sum(hashtextextended(line, 1)), 0)::text as first,
              coalesce(sum(hashtextextended(line, 2)), 0)::text as second
       from (select ${text} as line from ${table} offset 0) lines`,
    );
    parts.push(`${table} ${row?.rows} ${row?.first} ${row?.second}`);
  }
  return sha256(parts.join("\n"));
}
