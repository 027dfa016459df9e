import { z } from "zod";
import { type ImdbId, imdbIdSchema, type TmdbId, tmdbIdSchema } from "../contracts/ids.ts";
import { calendarDateSchema, type EpochDay } from "../contracts/time.ts";
import type { RecordKey } from "./feature-view.ts";

/**
 * What lies in the online store, under which view and entity, in which form. Written by the feature store when it
 * materialises, read by serving; this is the one place that both know.
 *
 *   film_features  film:603              vector as of the earlier of release and materialisation (encodeVector)
 *   film_facts     film:603              the film's own facts, for other days (encodeFilmFacts)
 *   film_card      film:603              title, ids, release, real rating: what an answer says of the film (encodeCard)
 *   film_by_imdb   tt0133093             the film's TMDB id, as text
 *   track_record   director:525          an entity's events (encodeTrackRecord)
 *   name           person:jane campion   the entity's id, as text; of namesakes the one with the most films
 */
export const ONLINE = {
  features: (tmdbId: TmdbId) => ({ view: "film_features", entity: `film:${tmdbId}` }),
  facts: (tmdbId: TmdbId) => ({ view: "film_facts", entity: `film:${tmdbId}` }),
  card: (tmdbId: TmdbId) => ({ view: "film_card", entity: `film:${tmdbId}` }),
  byImdb: (imdbId: ImdbId) => ({ view: "film_by_imdb", entity: imdbId }),
  record: (key: RecordKey) => ({ view: "track_record", entity: key }),
  personName: (name: string) => ({ view: "name", entity: `person:${normaliseName(name)}` }),
  companyName: (name: string) => ({ view: "name", entity: `company:${normaliseName(name)}` }),
} as const;

/** Case, accents' encoding and runs of blanks do not tell two names apart. */
export function normaliseName(name: string): string {
  return name.normalize("NFKC").trim().replace(/\s+/g, " ").toLowerCase();
}

/** Ids and numbers that are kept as text. */
export function encodeText(value: string | number): Uint8Array {
  return new TextEncoder().encode(String(value));
}

export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

const VECTOR_HEADER_BYTES = 8 + 64;

/** A feature vector with the day it holds for and the views it was made by. */
export interface OnlineVector {
  asOf: EpochDay;
  /** 64 hexadecimal characters: hashViews. */
  viewsHash: string;
  values: Float64Array;
}

/** Little-endian: asOf (int32), padding (4 bytes), views' hash (64 characters), values (float64 each; NaN where unknown). */
export function encodeVector({ asOf, viewsHash, values }: OnlineVector): Uint8Array {
  const bytes = new Uint8Array(VECTOR_HEADER_BYTES + values.length * 8);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, asOf, true);
  new TextEncoder().encodeInto(viewsHash, bytes.subarray(8, VECTOR_HEADER_BYTES));
  values.forEach((value, i) => {
    view.setFloat64(VECTOR_HEADER_BYTES + i * 8, value, true);
  });
  return bytes;
}

export function decodeVector(bytes: Uint8Array): OnlineVector {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = (bytes.byteLength - VECTOR_HEADER_BYTES) / 8;
  return {
    asOf: view.getInt32(0, true) as EpochDay,
    viewsHash: decodeText(bytes.subarray(8, VECTOR_HEADER_BYTES)),
    values: Float64Array.from({ length: count }, (_, i) => view.getFloat64(VECTOR_HEADER_BYTES + i * 8, true)),
  };
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
