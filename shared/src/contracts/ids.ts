import { z } from "zod";

/** TMDB's number of a film, a positive 32-bit integer. */
export type TmdbId = number & { readonly __brand: "TmdbId" };
/** IMDb's title key, `tt` and at least seven digits. */
export type ImdbId = string & { readonly __brand: "ImdbId" };

/** PostgreSQL's `integer` holds no more, and TMDB is far from it. */
export const MAX_TMDB_ID = 2_147_483_647;

export const tmdbIdSchema = z
  .int({ error: "must be a whole number" })
  .min(1, { error: "must be at least 1" })
  .max(MAX_TMDB_ID, { error: `must be at most ${MAX_TMDB_ID}` })
  .transform((id) => id as TmdbId);

export const imdbIdSchema = z
  .string()
  .regex(/^tt\d{7,10}$/, { error: "must be tt followed by 7 to 10 digits, such as tt0133093" })
  .transform((id) => id as ImdbId);
