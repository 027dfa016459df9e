import { z } from "zod";
import type { EpochDay } from "../contracts/time.ts";

/**
 * What is known of a film before anyone has rated it. Credits are entity ids; how full their lists are is not a fact
 * to use, since lists fill up with fame.
 */
export interface FilmFacts {
  releaseDay: EpochDay | undefined;
  runtimeMinutes: number | undefined;
  /** US dollars of the time. */
  budgetUsd: number | undefined;
  /** ISO 639-1 code of the original language. */
  language: string | undefined;
  /** TMDB genre ids. */
  genreIds: readonly number[] | undefined;
  /** TMDB person ids; an undefined list was not given, a null member was given but is not known to us. */
  directorIds: readonly (number | null)[] | undefined;
  writerIds: readonly (number | null)[] | undefined;
  /** By billing, the first few only. */
  castIds: readonly (number | null)[] | undefined;
  /** TMDB company ids, the first few only. */
  companyIds: readonly (number | null)[] | undefined;
  collectionId: number | undefined;
}

/** Billed roles that count as leads; beyond them a list's length says more of its fame than of the film. */
export const LEAD_CAST = 5;
/** Companies that count; for the same reason. */
export const LEAD_COMPANIES = 3;

const optional = <T extends z.ZodType>(schema: T) => schema.nullable().transform((value) => value ?? undefined);
const idList = optional(z.array(z.int().nullable()));

/** Reads what encodeFilmFacts wrote. */
const filmFactsSchema = z.strictObject({
  releaseDay: optional(z.int().transform((day) => day as EpochDay)),
  runtimeMinutes: optional(z.number()),
  budgetUsd: optional(z.number()),
  language: optional(z.string()),
  genreIds: optional(z.array(z.int())),
  directorIds: idList,
  writerIds: idList,
  castIds: idList,
  companyIds: idList,
  collectionId: optional(z.int()),
});

export function encodeFilmFacts(facts: FilmFacts): Uint8Array {
  return new TextEncoder().encode(
    JSON.stringify(facts, (_key, value: unknown) => (value === undefined ? null : value)),
  );
}

export function decodeFilmFacts(bytes: Uint8Array): FilmFacts {
  return filmFactsSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
}
