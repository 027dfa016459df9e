import { imdbIdSchema, tmdbIdSchema } from "@marquee/shared/contracts/ids";
import { calendarDateSchema } from "@marquee/shared/contracts/time";
import { z } from "zod";
import type { ArchivedBody } from "../archive/archive.ts";
import { storableText } from "./storable-text.ts";

/** PostgreSQL's integer. */
const MAX_INTEGER = 2_147_483_647;

/** Characters of an id that is none. */
const MAX_ID = 40;

/** PostgreSQL's text holds neither U+0000 nor half a surrogate pair. */
const text = z.string().transform(storableText);
/** TMDB writes 0 or "" where it knows nothing; what no column could hold is as good as unknown. */
const positiveOrNull = (max: number) =>
  z
    .number()
    .nullish()
    .transform((value) => Math.round(value ?? 0))
    .transform((value) => (value > 0 && value <= max ? value : null));
const textOrNull = text
  .nullish()
  .transform((text) => (text === undefined || text === null || text.trim() === "" ? null : text));
/** An unreadable optional value is no reason to refuse a film: it is unknown. */
const dateOrNull = z
  .unknown()
  .optional()
  .transform((value) => calendarDateSchema.safeParse(value).data ?? null);
const imdbIdOrNull = z
  .unknown()
  .optional()
  .transform((value) => imdbIdSchema.safeParse(value).data ?? null);

/** Members that cannot be read are left out; a list without members is none. */
const listOrNull = <T extends z.ZodType>(member: T) =>
  z
    .array(z.unknown())
    .catch([])
    .transform((items) => {
      const known = items.flatMap((item): z.output<T>[] => {
        const parsed = member.safeParse(item);
        return parsed.success ? [parsed.data] : [];
      });
      return known.length === 0 ? null : [...new Set(known)];
    });

const id = z.int().positive().max(MAX_INTEGER);
const someText = z.string().min(1).transform(storableText);
const creditBase = { id, name: someText, credit_id: someText };

/** The parts of `GET /3/movie/{id}?append_to_response=credits,…` that the catalog keeps. */
const tmdbMovieSchema = z.object({
  id: tmdbIdSchema,
  title: someText,
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
  belongs_to_collection: z.object({ id, name: text }).nullish(),
  genres: z.array(z.object({ id })).default([]),
  production_companies: z.array(z.object({ id, name: text })).default([]),
  production_countries: listOrNull(
    z.object({ iso_3166_1: z.string().regex(/^[A-Z]{2}$/) }).transform((country) => country.iso_3166_1),
  ),
  keywords: z
    .object({ keywords: listOrNull(z.object({ name: someText }).transform(({ name }) => name)) })
    .nullish()
    .catch(undefined)
    .transform((part) => part?.keywords?.sort() ?? null),
  credits: z
    .object({
      cast: z.array(z.object({ ...creditBase, order: z.int().min(0).max(MAX_INTEGER).nullish() })).default([]),
      crew: z.array(z.object({ ...creditBase, department: text.nullish(), job: text.nullish() })).default([]),
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

/** What a body says: a film, that TMDB has deleted one, or nothing that the catalog can take. */
export type TmdbBody = { movie: TmdbMovie } | { deleted: number } | { refused: Refused };

/** TMDB's answer about a film that it does not have: https://developer.themoviedb.org/docs/errors, HTTP 404. */
const NOT_FOUND = { status: 404, statusCode: 34 };
const errorBodySchema = z.object({
  success: z.literal(false).optional(),
  status_code: z.int(),
  status_message: z.string().catch("no message"),
});

/**
 * Never throws.
 * @returns what the body says, and its JSON where it is some
 */
export function parseTmdbMovie({ path, body, status }: ArchivedBody): TmdbBody & { json?: unknown } {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (error) {
    return { refused: { sourceId: pathId(path), reason: "not_json", detail: String(error), payload: body } };
  }
  return { ...parseJson(json, path, status), json };
}

function parseJson(json: unknown, path: string, status: number | undefined): TmdbBody {
  const error = errorBodySchema.safeParse(json).data;
  if (error) {
    const id = tmdbIdSchema.safeParse(Number(pathId(path))).data;
    if (status === NOT_FOUND.status && error.status_code === NOT_FOUND.statusCode && id) return { deleted: id };
    const detail = `TMDB's error ${error.status_code}: ${error.status_message}`;
    return { refused: { sourceId: pathId(path), reason: "error_body", detail, payload: json } };
  }
  const parsed = tmdbMovieSchema.safeParse(json);
  if (parsed.success) return { movie: parsed.data };
  const detail = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
  return { refused: { sourceId: idOf(json) ?? pathId(path), reason: "schema", detail, payload: json } };
}

/** The film's id in `/movie/603?append_to_response=…`; a path of another form as it is. */
export function pathId(path: string): string {
  return /^\/movie\/(\d+)(?:\?|$)/.exec(path)?.[1] ?? path;
}

/** What stands for an id may be anything; the quarantine's key is short. */
function idOf(json: unknown): string | undefined {
  return typeof json === "object" && json !== null && "id" in json ? String(json.id).slice(0, MAX_ID) : undefined;
}
