import { imdbIdSchema, tmdbIdSchema } from "@marquee/shared/contracts/ids";
import { calendarDateSchema } from "@marquee/shared/contracts/time";
import { z } from "zod";

/** PostgreSQL's integer. */
const MAX_INTEGER = 2_147_483_647;

/** TMDB writes 0 or "" where it knows nothing; what no column could hold is as good as unknown. */
const positiveOrNull = (max: number) =>
  z
    .number()
    .nullish()
    .transform((value) => (value && value > 0 && value <= max ? Math.round(value) : null));
const textOrNull = z
  .string()
  .nullish()
  .transform((text) => (text === undefined || text === null || text.trim() === "" ? null : text));
/** An unreadable optional value is no reason to refuse a film: it is unknown. */
const dateOrNull = z.unknown().transform((value) => calendarDateSchema.safeParse(value).data ?? null);
const imdbIdOrNull = z.unknown().transform((value) => imdbIdSchema.safeParse(value).data ?? null);

const id = z.int().positive().max(MAX_INTEGER);
const creditBase = { id, name: z.string().min(1), credit_id: z.string().min(1) };

/** The parts of `GET /3/movie/{id}?append_to_response=credits,…` that the catalog keeps. */
const tmdbMovieSchema = z.object({
  id: tmdbIdSchema,
  title: z.string().min(1),
  imdb_id: imdbIdOrNull,
  original_title: textOrNull,
  original_language: textOrNull,
  release_date: dateOrNull,
  status: textOrNull,
  runtime: positiveOrNull(MAX_INTEGER),
  budget: positiveOrNull(Number.MAX_SAFE_INTEGER),
  revenue: positiveOrNull(Number.MAX_SAFE_INTEGER),
  overview: textOrNull,
  tagline: textOrNull,
  vote_average: z.number().min(0).max(10).nullish(),
  vote_count: z.int().min(0).max(MAX_INTEGER).nullish(),
  belongs_to_collection: z.object({ id, name: z.string() }).nullish(),
  genres: z.array(z.object({ id })).default([]),
  production_companies: z.array(z.object({ id, name: z.string() })).default([]),
  credits: z
    .object({
      cast: z.array(z.object({ ...creditBase, order: z.int().min(0).max(MAX_INTEGER).nullish() })).default([]),
      crew: z
        .array(z.object({ ...creditBase, department: z.string().nullish(), job: z.string().nullish() }))
        .default([]),
    })
    .optional(),
});
export type TmdbMovie = z.infer<typeof tmdbMovieSchema>;

/** A body that the catalog cannot take, with what is wrong in words. */
export interface Refused {
  sourceId: string;
  reason: string;
  detail: string;
  payload: unknown;
}

/** A film of the catalog, or why this body is none. Never throws. */
export function parseTmdbMovie(body: string, path: string): { movie: TmdbMovie } | { refused: Refused } {
  let json: unknown;
  try {
    json = JSON.parse(body, withoutNul);
  } catch (error) {
    return { refused: { sourceId: path, reason: "not_json", detail: String(error), payload: body.slice(0, 2_000) } };
  }
  const parsed = tmdbMovieSchema.safeParse(json);
  if (parsed.success) return { movie: parsed.data };
  const detail = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
  return { refused: { sourceId: idOf(json) ?? path, reason: "schema", detail, payload: json } };
}

function idOf(json: unknown): string | undefined {
  return typeof json === "object" && json !== null && "id" in json ? String(json.id) : undefined;
}

/** PostgreSQL's text cannot hold U+0000. */
function withoutNul(_key: string, value: unknown): unknown {
  return typeof value === "string" ? value.replaceAll("\0", "") : value;
}
