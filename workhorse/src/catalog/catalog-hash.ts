import type { Database } from "@marquee/shared/backing/postgres/database";
import { sha256 } from "@marquee/shared/service/ids";

/** Each table of the catalog with what makes its rows equal; days of observation are left out where they are ours. */
const TABLES = {
  movies: "movies::text",
  collections: "collections::text",
  people: "people::text",
  companies: "companies::text",
  movie_genres: "movie_genres::text",
  movie_companies: "movie_companies::text",
  credits: "credits::text",
  imdb_titles: "imdb_titles::text",
  ratings: "concat_ws(' ', source, source_id, average, votes)",
  quarantine: "concat_ws(' ', source, source_id, reason, detail)",
} as const;

/**
 * The catalog's identity: equal content has an equal hash, whenever and in whatever order it was written.
 * Rows are hashed twice to 64 bits and summed, so that no sort and no memory for the whole is needed.
 */
export async function catalogHash(database: Database): Promise<string> {
  const parts: string[] = [];
  for (const [table, text] of Object.entries(TABLES)) {
    const [row] = await database.query<{ rows: string; first: string; second: string }>(
      `select count(*)::text as rows,
              coalesce(sum(hashtextextended(${text}, 1)::numeric), 0)::text as first,
              coalesce(sum(hashtextextended(${text}, 2)::numeric), 0)::text as second
       from ${table}`,
    );
    parts.push(`${table} ${row?.rows} ${row?.first} ${row?.second}`);
  }
  return sha256(parts.join("\n"));
}
