import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { errorMessage, MarqueeError } from "@marquee/shared/service/errors";
import type { Logger } from "@marquee/shared/service/logger";
import { z } from "zod";
import { createFilm } from "./film.ts";
import { createFilmSet, type FilmSet } from "./film-set.ts";
import { sampleImdbFiles } from "./vega-imdb.ts";
import {
  castKey,
  FIRST_COMPANY_ID,
  FIRST_PERSON_ID,
  numberNames,
  releaseDateOf,
  type SampleFilm,
  type SampleIds,
  sampleFilm,
  tmdbBody,
  tmdbParts,
  trueYear,
} from "./vega-mapping.ts";
import { type CastRow, castRowSchema, type VegaRow, vegaRowSchema } from "./vega-row.ts";

/**
 * When the set's ratings were observed. It does not say; its newest films are those of 17 September 2010, with the
 * takings of their first week and the votes of the days around it.
 */
const OBSERVED_AT = new Date("2010-09-24T00:00:00Z");

/**
 * The default set: vega-datasets' movies.json joined with data/cast.jsonl, both on this machine already.
 * @throws SANDBOX_DATA_INVALID when one of the two files is missing or has another form
 */
export async function loadVegaFilms(log: Logger): Promise<FilmSet> {
  const [rows, castRows] = await Promise.all([readVegaRows(), readCastRows()]);
  const { films: sample, dropped } = joinSample(rows, castRows);
  if (dropped > 0) log.info({ dropped }, "sandbox: rows of the sample without a title or date were left out");
  const ids = sampleIds(sample);
  return createFilmSet({
    name: "vega-datasets sample",
    description:
      "Real films to 2011 from npm's vega-datasets with casts from Wikipedia; all ids are made up, and films have no overview, country or keywords.",
    films: sample.map((film) => createFilm(tmdbBody(film, ids), { parts: tmdbParts(film, ids) })),
    rated: sample.filter((film) => film.rating !== null).length,
    imdbFiles: sampleImdbFiles(sample, ids, OBSERVED_AT),
    observedAt: OBSERVED_AT,
  });
}

/** Joins by exact title and year; the year is the true one, so that a film of 1915 does not get the cast of 2015's. */
export function joinSample(
  rows: readonly VegaRow[],
  castRows: readonly CastRow[],
): { films: SampleFilm[]; dropped: number } {
  const castOf = new Map(castRows.map((row) => [castKey(row.title, row.releaseYear), row]));
  const films = rows.map((row, index) => {
    const date = releaseDateOf(row["Release Date"]);
    const castRow = row.Title === null || !date ? undefined : castOf.get(castKey(row.Title, trueYear(date)));
    return sampleFilm(row, index, castRow);
  });
  const kept = films.filter((film) => film !== undefined);
  return { films: kept, dropped: films.length - kept.length };
}

export function sampleIds(films: readonly SampleFilm[]): SampleIds {
  const people = films.flatMap(({ cast, director }) => (director === undefined ? cast : [...cast, director]));
  const companies = films.map(({ distributor }) => distributor).filter((name) => name !== undefined);
  return { people: numberNames(people, FIRST_PERSON_ID), companies: numberNames(companies, FIRST_COMPANY_ID) };
}

async function readVegaRows(): Promise<VegaRow[]> {
  // The package exports its loader alone; its data lies beside the loader's folder.
  const require = createRequire(import.meta.url);
  const path = join(dirname(require.resolve("vega-datasets")), "..", "data", "movies.json");
  return readSample(path, z.array(vegaRowSchema), (text) => text);
}

async function readCastRows(): Promise<CastRow[]> {
  const path = join(import.meta.dirname, "data", "cast.jsonl");
  return readSample(path, z.array(castRowSchema), (text) => `[${text.trim().replaceAll("\n", ",")}]`);
}

async function readSample<Rows>(
  path: string,
  schema: z.ZodType<Rows>,
  toJson: (text: string) => string,
): Promise<Rows> {
  try {
    return schema.parse(JSON.parse(toJson(await readFile(path, "utf8"))));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error).slice(0, 300) : errorMessage(error);
    throw new MarqueeError("SANDBOX_DATA_INVALID", `The sample's file ${path} cannot be read: ${reason}`, {
      cause: error,
    });
  }
}
