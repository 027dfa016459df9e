/**
 * Whose earlier films features look at, as conditions on rows of `credits`. Of the crew by TMDB's names of departments
 * and jobs (https://developer.themoviedb.org/reference/configuration-jobs), in which composers have several.
 */
export const CREDIT_ROLES = {
  director: "job = 'Director'",
  writer: "department = 'Writing'",
  composer: "job in ('Original Music Composer', 'Composer', 'Music')",
  cast: "billing is not null",
} as const;
