import { z } from "zod";
import type { EpochDay } from "../contracts/time.ts";

/**
 * What is known of a film before anyone has rated it. Credits are entity ids; how full their lists are is not a fact
 * to use, since lists fill up with fame.
 */
export interface FilmFacts {
  title: string | undefined;
  overview: string | undefined;
  tagline: string | undefined;
  releaseDay: EpochDay | undefined;
  runtimeMinutes: number | undefined;
  /** US dollars of the time. */
  budgetUsd: number | undefined;
  /** ISO 639-1 code of the original language. */
  language: string | undefined;
  /** ISO 3166-1 codes of the countries of production. */
  countries: readonly string[] | undefined;
  /** TMDB genre ids. */
  genreIds: readonly number[] | undefined;
  /** TMDB person ids; an undefined list was not given, a null member was given but is not known to us. */
  directorIds: readonly (number | null)[] | undefined;
  writerIds: readonly (number | null)[] | undefined;
  composerIds: readonly (number | null)[] | undefined;
  /** By billing, the first few only. */
  castIds: readonly (number | null)[] | undefined;
  /** TMDB company ids, the first few only. */
  companyIds: readonly (number | null)[] | undefined;
  collectionId: number | undefined;
}

/** What becomes known of a film only once it is out. Views that look at it are marked, and no model reads them. */
export interface LaterFacts {
  /** IMDb's latest observation. */
  observed: { rating: number; votes: number } | undefined;
  /** Names of TMDB's keywords: its users add them over the years. */
  keywords: readonly string[] | undefined;
  /** US dollars of the time. */
  revenueUsd: number | undefined;
}

/** A film of which nothing is known. */
export const UNKNOWN_FILM: FilmFacts = {
  title: undefined,
  overview: undefined,
  tagline: undefined,
  releaseDay: undefined,
  runtimeMinutes: undefined,
  budgetUsd: undefined,
  language: undefined,
  countries: undefined,
  genreIds: undefined,
  directorIds: undefined,
  writerIds: undefined,
  composerIds: undefined,
  castIds: undefined,
  companyIds: undefined,
  collectionId: undefined,
};

/** Billed roles that count as leads; beyond them a list's length says more of its fame than of the film. */
export const LEAD_CAST = 5;
/** Companies that count; for the same reason. */
export const LEAD_COMPANIES = 3;

const optional = <T extends z.ZodType>(schema: T) => schema.nullable().transform((value) => value ?? undefined);
const text = optional(z.string());
const idList = optional(z.array(z.int().nullable()));

/** Reads what encodeFilmFacts wrote. */
const filmFactsSchema = z.strictObject({
  title: text,
  overview: text,
  tagline: text,
  releaseDay: optional(z.int().transform((day) => day as EpochDay)),
  runtimeMinutes: optional(z.number()),
  budgetUsd: optional(z.number()),
  language: text,
  countries: optional(z.array(z.string())),
  genreIds: optional(z.array(z.int())),
  directorIds: idList,
  writerIds: idList,
  composerIds: idList,
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
