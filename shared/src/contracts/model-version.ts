import { z } from "zod";
import { calendarDateSchema, instantSchema } from "./time.ts";

/** The one model so far; its name in the registry. */
export const RATING_MODEL = "rating";

export const MODEL_ALIASES = ["champion", "challenger", "previous"] as const;
export type ModelAlias = (typeof MODEL_ALIASES)[number];

/** How a model did on films released after everything that it was trained on. */
export const modelMetricsSchema = z.object({
  rmse: z.number(),
  mae: z.number(),
  r2: z.number(),
  spearman: z.number(),
  bias: z.number(),
  coverage: z.number().describe("Share of the tested films inside their 90 % interval"),
  testedFilms: z.int(),
  testFrom: calendarDateSchema,
  baselines: z
    .record(z.string(), z.number())
    .describe("RMSE on the same films of rules that a model must be better than"),
  members: z
    .record(z.string(), z.number())
    .describe("RMSE on the same films of simpler models that are part of this one, each by itself; shown, not a bar"),
});
export type ModelMetrics = z.infer<typeof modelMetricsSchema>;

export const modelVersionSchema = z.object({
  name: z.string(),
  version: z.int().positive(),
  runId: z.uuid(),
  artifactKey: z.string().describe("Prefix in the object store under which manifest.json and weights.bin lie"),
  artifactSha256: z.string(),
  metrics: modelMetricsSchema,
  registeredAt: instantSchema,
});
export type ModelVersion = z.infer<typeof modelVersionSchema>;

/** `GET /models/current`: the champion in use and how it came to be. */
export const currentModelSchema = z.object({
  ...modelVersionSchema.shape,
  alias: z.literal("champion"),
  since: instantSchema,
  movedBy: z.string(),
  reason: z.string(),
  features: z.object({ viewsHash: z.string(), columns: z.int() }),
});
export type CurrentModel = z.infer<typeof currentModelSchema>;
