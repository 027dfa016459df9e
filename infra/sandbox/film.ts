import { type TmdbId, tmdbIdSchema } from "@marquee/shared/contracts/ids";
import { type CalendarDate, calendarDateSchema } from "@marquee/shared/contracts/time";
import { z } from "zod";

/** The parts of a film that TMDB keeps apart from its details and appends on request. */
export const PART_NAMES = ["credits", "keywords", "external_ids", "release_dates"] as const;
export type PartName = (typeof PART_NAMES)[number];

export interface Genre {
  id: number;
  name: string;
}

/** What the sandbox reads of a film's details; everything else in them is passed on as it is. */
export const movieBodySchema = z.looseObject({
  id: tmdbIdSchema,
  title: z.string().min(1, { error: "must not be empty" }),
  original_title: z.string().nullish(),
  original_language: z.string().nullish(),
  release_date: z.union([z.literal(""), calendarDateSchema]).nullish(),
  imdb_id: z.string().nullish(),
  adult: z.boolean().nullish(),
  video: z.boolean().nullish(),
  genres: z.array(z.object({ id: z.int(), name: z.string() })).nullish(),
  popularity: z.coerce.number().nullish(),
  vote_average: z.coerce.number().nullish(),
  vote_count: z.coerce.number().nullish(),
  revenue: z.coerce.number().nullish(),
});
export type MovieBody = z.infer<typeof movieBodySchema>;

/** A film as the sandbox holds it: what is searched and sorted by as fields, its bodies as JSON bytes ready to be sent. */
export interface Film {
  readonly id: TmdbId;
  readonly imdbId: string | undefined;
  readonly title: string;
  readonly originalTitle: string;
  readonly language: string;
  /** undefined where TMDB knows no date */
  readonly releaseDate: CalendarDate | undefined;
  readonly adult: boolean;
  /** TMDB's mark of what is no feature film: a concert, a making-of. */
  readonly video: boolean;
  readonly genres: readonly Genre[];
  readonly popularity: number;
  readonly voteAverage: number;
  readonly voteCount: number;
  readonly revenue: number;
  /** The day of its last change that is known; most data does not say. */
  readonly changedOn: CalendarDate | undefined;
  /** The JSON object of `GET /3/movie/{id}` without appended parts. */
  readonly details: Buffer;
  /** Each the JSON object that TMDB nests under the part's name. */
  readonly parts: Readonly<Record<PartName, Buffer>>;
}

export interface FilmExtras {
  /** What is answered for the details, where it is not `body` itself. */
  details?: object;
  parts?: Partial<Record<PartName, object>>;
  changedOn?: CalendarDate | undefined;
}

/** @param body details as TMDB answers them; parts that are not given are answered empty, as TMDB answers what it does not know */
export function createFilm(body: MovieBody, { details = body, parts = {}, changedOn }: FilmExtras = {}): Film {
  const imdbId = body.imdb_id || imdbIdIn(parts.external_ids);
  return {
    id: body.id,
    imdbId,
    ...searchedFields(body),
    changedOn,
    details: jsonBytes(details),
    parts: {
      credits: jsonBytes(parts.credits ?? { cast: [], crew: [] }),
      keywords: jsonBytes(parts.keywords ?? { keywords: [] }),
      external_ids: jsonBytes(parts.external_ids ?? externalIds(imdbId)),
      release_dates: jsonBytes(parts.release_dates ?? { results: [] }),
    },
  };
}

function searchedFields(body: MovieBody) {
  return {
    title: body.title,
    originalTitle: body.original_title || body.title,
    language: body.original_language ?? "",
    releaseDate: body.release_date || undefined,
    adult: body.adult ?? false,
    video: body.video ?? false,
    genres: body.genres ?? [],
    popularity: body.popularity ?? 0,
    voteAverage: body.vote_average ?? 0,
    voteCount: body.vote_count ?? 0,
    revenue: body.revenue ?? 0,
  };
}

/** Fields of the details, in TMDB's names. */
export type MovieFields = Partial<Omit<MovieBody, "id">>;

/** The film with other details, in its fields as in its body; IMDb's id among the external ids follows. */
export function withFields(film: Film, fields: MovieFields): Film {
  const details = { ...(JSON.parse(film.details.toString()) as object), ...fields };
  const body = movieBodySchema.parse(details);
  const linked = "imdb_id" in fields;
  const imdbId = linked ? body.imdb_id || undefined : film.imdbId;
  return {
    ...film,
    ...searchedFields(body),
    imdbId,
    details: jsonBytes(details),
    parts: linked ? { ...film.parts, external_ids: withImdbId(film.parts.external_ids, imdbId) } : film.parts,
  };
}

function withImdbId(part: Buffer, imdbId: string | undefined): Buffer {
  return jsonBytes({ ...(JSON.parse(part.toString()) as object), imdb_id: imdbId ?? null });
}

function externalIds(imdbId: string | undefined): object {
  return { imdb_id: imdbId ?? null, wikidata_id: null, facebook_id: null, instagram_id: null, twitter_id: null };
}

function imdbIdIn(part: object | undefined): string | undefined {
  return part && "imdb_id" in part && typeof part.imdb_id === "string" ? part.imdb_id || undefined : undefined;
}

function jsonBytes(value: object): Buffer {
  const text = JSON.stringify(value);
  // Not from Node's shared pool, whose slabs would be kept with all else that was in them: 137 MB instead of 44 for TMDB 5000.
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}
