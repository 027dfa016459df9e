/** Silver: what a rebuild makes anew, those that others refer to first. */
export const SILVER_TABLES = [
  "collections",
  "people",
  "companies",
  "movies",
  "movie_genres",
  "movie_companies",
  "credits",
  "tmdb_deletions",
  "imdb_titles",
  "imdb_people",
  "imdb_crew",
  "imdb_principals",
  "imdb_akas",
  "imdb_ratings",
  "tmdb_ratings",
  "link_conflicts",
  "quarantine",
  "snapshot_loads",
  "archive_loads",
] as const;
export type SilverTable = (typeof SILVER_TABLES)[number];

/** Columns that say when something was seen or said: a row that differs in them alone is the same row. */
export const OWN_TIMES: Partial<Record<SilverTable, readonly string[]>> = {
  collections: ["named_at"],
  people: ["named_at"],
  companies: ["named_at"],
  link_conflicts: ["first_seen", "last_seen"],
  quarantine: ["first_seen", "last_seen", "times_seen"],
  snapshot_loads: ["loaded_at", "rows_changed"],
  archive_loads: ["loaded_at"],
};
