import { z } from "zod";
import { type ImdbId, imdbIdSchema, type TmdbId, tmdbIdSchema } from "../contracts/ids.ts";
import { calendarDateSchema } from "../contracts/time.ts";
import type { RecordKey } from "./feature-view.ts";

/**
 * What lies in the online store, under which view and entity, in which form. Written by the feature store when it
 * materialises, read by serving; this is the one place that both know.
 *
 * A film's features lie beside these, a value per view: onlineRowKey and encodeFeatureRow of feature-row.ts.
 *
 *   film_facts@2     film:603              the film's own facts, for other days (encodeFilmFacts)
 *   film_card@2      film:603              title, ids, release, real rating: what an answer says of the film (encodeCard)
 *   film_by_imdb@2   tt0133093             the film's TMDB id, as text
 *   track_record@2   director:525          an entity's record, where it is short (encodeTrackRecord)
 *   track_record@2   climate:all:1999      of a long one what days of that year ask for (record-chunks.ts)
 *   name@2           person:jane campion   the entity's id, as text; of namesakes the one with the most films
 */
export const ONLINE = {
  facts: (tmdbId: TmdbId) => ({ view: "film_facts@2", entity: `film:${tmdbId}` }),
  card: (tmdbId: TmdbId) => ({ view: "film_card@2", entity: `film:${tmdbId}` }),
  byImdb: (imdbId: ImdbId) => ({ view: "film_by_imdb@2", entity: imdbId }),
  record: (key: RecordKey) => ({ view: "track_record@2", entity: key }),
  recordOfYear: (key: RecordKey, year: number) => ({ view: "track_record@2", entity: `${key}:${year}` }),
  personName: (name: string) => ({ view: "name@2", entity: `person:${normaliseName(name)}` }),
  companyName: (name: string) => ({ view: "name@2", entity: `company:${normaliseName(name)}` }),
} as const;

/** Case, accents' encoding and runs of blanks do not tell two names apart. Small letters may be of another encoding. */
export function normaliseName(name: string): string {
  return name.normalize("NFKC").trim().replace(/\s+/g, " ").toLowerCase().normalize("NFKC");
}

/** Ids and numbers that are kept as text. */
export function encodeText(value: string | number): Uint8Array {
  return new TextEncoder().encode(String(value));
}

export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

const filmCardSchema = z.strictObject({
  tmdbId: tmdbIdSchema,
  imdbId: imdbIdSchema.optional(),
  title: z.string(),
  releaseDate: calendarDateSchema.optional(),
  /** IMDb's latest observation, mature or not. */
  actual: z.strictObject({ rating: z.number(), votes: z.int() }).optional(),
});
export type FilmCard = z.infer<typeof filmCardSchema>;

export function encodeCard(card: FilmCard): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(card));
}

export function decodeCard(bytes: Uint8Array): FilmCard {
  return filmCardSchema.parse(JSON.parse(decodeText(bytes)));
}
