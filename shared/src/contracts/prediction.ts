import { z } from "zod";
import { FEATURE_GROUPS, type FeatureGroup } from "../features/feature-view.ts";
import { GENRES, genreIdOf } from "./genres.ts";
import { imdbIdSchema, tmdbIdSchema } from "./ids.ts";
import { problemSchema } from "./problem.ts";
import { calendarDateSchema } from "./time.ts";

/** One request answers at most so many films. */
export const MAX_BATCH = 1_000;
/** Longer lists of names are a mistake; the longest real cast list is about 300. */
const MAX_NAMES = 500;
const MAX_NAME_CHARACTERS = 300;
const MAX_RUNTIME_MINUTES = 1_000;
const MAX_OVERVIEW_CHARACTERS = 10_000;
const MAX_TAGLINE_CHARACTERS = 1_000;
/** The most that a film of TMDB's has is about 30. */
const MAX_COUNTRIES = 100;

const nameSchema = z.string().trim().min(1, { error: "must not be empty" }).max(MAX_NAME_CHARACTERS);
const namesSchema = z.array(nameSchema).max(MAX_NAMES);

const GENRE_NAMES = GENRES.map(({ name }) => name);
const genreSchema = z
  .string()
  .refine((name) => genreIdOf(name) !== undefined, { error: `must be one of ${GENRE_NAMES.join(", ")}` })
  .meta({ enum: GENRE_NAMES });

const filmByTmdbIdSchema = z.strictObject({ tmdbId: tmdbIdSchema }).meta({ title: "By TMDB id" });
const filmByImdbIdSchema = z.strictObject({ imdbId: imdbIdSchema }).meta({ title: "By IMDb id" });

/** A film that may exist only as a plan. Every field is optional; names that we do not know are fine. */
const filmDescriptionSchema = z
  .strictObject({
    title: nameSchema,
    releaseDate: calendarDateSchema,
    runtime: z
      .int({ error: "must be a whole number of minutes" })
      .min(1, { error: "must be at least 1 minute" })
      .max(MAX_RUNTIME_MINUTES, { error: `must be at most ${MAX_RUNTIME_MINUTES} minutes` })
      .describe("Minutes"),
    genres: z.array(genreSchema).max(GENRES.length),
    directors: namesSchema,
    writers: namesSchema,
    composers: namesSchema,
    cast: namesSchema.describe("By billing; the first five count"),
    companies: namesSchema.describe("The first three count"),
    budget: z.number().min(0).max(10_000_000_000).describe("US dollars; 0 counts as unknown, as in TMDB"),
    language: z
      .string()
      .regex(/^[a-z]{2}$/, { error: "must be an ISO 639-1 code of two small letters, such as en" })
      .describe("ISO 639-1 code of the original language"),
    countries: z
      .array(z.string().regex(/^[A-Z]{2}$/, { error: "must be an ISO 3166-1 code of two capital letters, such as US" }))
      .max(MAX_COUNTRIES)
      .describe("ISO 3166-1 codes of the countries of production"),
    overview: z.string().max(MAX_OVERVIEW_CHARACTERS),
    tagline: z.string().max(MAX_TAGLINE_CHARACTERS),
  })
  .partial()
  .meta({ title: "By description" });
export type FilmDescription = z.infer<typeof filmDescriptionSchema>;

const requestOptions = {
  explain: z.boolean().default(false).describe("Also say which features moved the rating, and by how much"),
  asOf: calendarDateSchema
    .optional()
    .describe("Predict with what was known before this day; by default the earlier of today and the film's release"),
};

/** What a request may be, for types and for the API's description. Requests are parsed by one of the forms below. */
export const predictRequestSchema = z.strictObject({
  movie: z.union([filmByTmdbIdSchema, filmByImdbIdSchema, filmDescriptionSchema]),
  ...requestOptions,
});
export type PredictRequest = z.infer<typeof predictRequestSchema>;

/**
 * The request by how its film is named. A union would answer a wrong field with "invalid input", since none of its
 * members fits; the form that was meant can say which field is wrong and what it accepts.
 */
export const PREDICT_REQUEST_FORMS = {
  tmdbId: z.strictObject({ movie: filmByTmdbIdSchema, ...requestOptions }),
  imdbId: z.strictObject({ movie: filmByImdbIdSchema, ...requestOptions }),
  description: z.strictObject({ movie: filmDescriptionSchema, ...requestOptions }),
} as const;
export type PredictRequestForm = keyof typeof PREDICT_REQUEST_FORMS;

/** `movie.tmdbId` decides, else `movie.imdbId`; everything else is taken for a description. */
export function formOfPredictRequest(body: unknown): PredictRequestForm {
  const movie = isRecord(body) ? body.movie : undefined;
  if (!isRecord(movie)) return "description";
  return "tmdbId" in movie ? "tmdbId" : "imdbId" in movie ? "imdbId" : "description";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Items stay unparsed here: each gets its own result or problem. */
export const predictBatchRequestSchema = z.strictObject({
  items: z
    .array(z.unknown())
    .min(1, { error: "must have at least 1 item" })
    .max(MAX_BATCH, { error: `must have at most ${MAX_BATCH} items` }),
});

const featureGroupSchema = z.enum(Object.keys(FEATURE_GROUPS) as [FeatureGroup, ...FeatureGroup[]]);

export const contributionSchema = z.strictObject({
  feature: featureGroupSchema,
  label: z.string(),
  contribution: z.number().describe("Rating points that this feature added"),
});

export const modelRefSchema = z.strictObject({ name: z.string(), version: z.int().positive() });
export type ModelRef = z.infer<typeof modelRefSchema>;

export const predictionSchema = z.strictObject({
  rating: z.number().min(0).max(10),
  interval: z.strictObject({ lower: z.number(), upper: z.number(), coverage: z.number() }),
  model: modelRefSchema,
  asOf: calendarDateSchema,
  film: z
    .strictObject({ tmdbId: tmdbIdSchema, title: z.string(), releaseDate: calendarDateSchema.optional() })
    .optional()
    .describe("The film of the catalog that was asked for"),
  explanation: z
    .strictObject({
      base: z.number().describe("Rating of an average film: what the contributions are added to"),
      contributions: z
        .array(contributionSchema)
        .describe("Largest first; with base they add up to the rating before it is cut to 0…10"),
    })
    .optional(),
  features: z.strictObject({
    missing: z.array(featureGroupSchema).describe("Nothing is known of these"),
    stale: z.array(featureGroupSchema).describe("Older than their time to live"),
    unrecognised: z
      .array(z.string())
      .describe("Names that no film of the catalog has: taken as newcomers, so check their spelling"),
    ageSeconds: z
      .int()
      .min(0)
      .describe("Age of the oldest that the rating was made from, since the moment that the features speak for"),
  }),
  actual: z
    .strictObject({ source: z.literal("imdb"), rating: z.number(), votes: z.int().min(0) })
    .optional()
    .describe("The film's real rating, where there is one and the operator shows it"),
});
export type Prediction = z.infer<typeof predictionSchema>;

export const predictBatchResponseSchema = z.strictObject({
  results: z
    .array(z.union([predictionSchema, z.strictObject({ problem: problemSchema })]))
    .describe("In the order of the items"),
});
