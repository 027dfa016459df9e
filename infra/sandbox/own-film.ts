import { type CalendarDate, calendarDateSchema } from "@marquee/shared/contracts/time";
import { z } from "zod";
import { createFilm, type Film, movieBodySchema, PART_NAMES, type PartName } from "./film.ts";

/** What TMDB can append besides the parts that the sandbox serves; not details, so not answered as such. */
const OTHER_PARTS = [
  "account_states",
  "alternative_titles",
  "changes",
  "images",
  "lists",
  "recommendations",
  "reviews",
  "similar",
  "translations",
  "videos",
  "watch/providers",
];

const partSchemas = {
  credits: z.looseObject({ cast: z.array(z.looseObject({})), crew: z.array(z.looseObject({})) }),
  keywords: z.looseObject({ keywords: z.array(z.looseObject({})) }),
  external_ids: z.looseObject({ imdb_id: z.string().nullish() }),
  release_dates: z.looseObject({ results: z.array(z.looseObject({})) }),
} satisfies Record<PartName, z.ZodType>;

const ownFilmSchema = movieBodySchema.extend({
  changed_at: z
    .union([calendarDateSchema, z.iso.datetime().transform((moment) => moment.slice(0, 10) as CalendarDate)])
    .optional(),
  ...z.object(partSchemas).partial().shape,
});

/**
 * A film from one line of JSON: a raw body of `GET /3/movie/{id}`, with any of the appended parts inside, and
 * `changed_at` where its owner knows when it last changed.
 * @throws ZodError or SyntaxError, which say why the line is not a film
 */
export function ownFilm(line: string): Film {
  const raw: unknown = JSON.parse(line);
  const film = ownFilmSchema.parse(raw);
  const details = { ...(raw as Record<string, unknown>) };
  const parts: Partial<Record<PartName, object>> = {};
  for (const name of PART_NAMES) {
    const part = details[name];
    if (typeof part === "object" && part !== null) parts[name] = part;
    delete details[name];
  }
  for (const name of [...OTHER_PARTS, "changed_at"]) delete details[name];
  return createFilm(film, { details, parts, changedOn: film.changed_at });
}
