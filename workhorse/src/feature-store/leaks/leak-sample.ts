import type { TmdbId } from "@marquee/shared/contracts/ids";
import type { EpochDay } from "@marquee/shared/contracts/time";
import { asOfDay } from "@marquee/shared/features/compute-features";
import type { FilmFacts } from "@marquee/shared/features/film-facts";
import type { SeededRandom } from "../../training/seeded-random.ts";
import type { CatalogFilm } from "../load-films.ts";
import type { WantedRow } from "./compute-world.ts";

/** A day, and the rows that must not change when everything from it on does. */
export interface LeakDay {
  asOf: EpochDay;
  rows: readonly WantedRow[];
}

export interface LeakSample {
  days: readonly LeakDay[];
  /** The catalog that is computed with: all of it, or of a large one the kin of the rows' films and chance's choice. */
  films: readonly CatalogFilm[];
}

export interface SampleOptions {
  films: readonly CatalogFilm[];
  days: number;
  today: EpochDay;
  random: SeededRandom;
  /** A larger catalog is thinned to so many films, so that a check's time is bounded. */
  worldFilms?: number;
}

/** Rows of a day, at most, by when their films came out: on the day, just before, long before, after it. */
const ON_DAY = 8;
const JUST_BEFORE = 12;
const LONG_BEFORE = 10;
const AHEAD = 4;
/** On average, to turn a wish for films into days. */
export const ROWS_PER_DAY = 24;
/** Measured: 20 days of so many films take some ten seconds. */
const WORLD_FILMS = 10_000;

/**
 * Days on which films came out, by chance, and films around each: of the day (of several not all, so that the others
 * can become noise), of before (as of their own day: nothing later may reach them), and announced for after it (as of
 * the day).
 */
export function sampleLeakRows({ films, days, today, random, worldFilms = WORLD_FILMS }: SampleOptions): LeakSample {
  const byDay = films
    .flatMap((film) => (film.facts.releaseDay === undefined ? [] : [{ film, day: film.facts.releaseDay }]))
    .sort((a, b) => a.day - b.day || a.film.tmdbId - b.film.tmdbId);
  const chosen = new Map<EpochDay, CatalogFilm>();
  for (let tries = 0; films.length > 0 && chosen.size < days && tries < days * 5; tries++) {
    const film = films[random.below(films.length)] as CatalogFilm;
    const asOf = asOfDay(today, film.facts.releaseDay);
    if (!chosen.has(asOf)) chosen.set(asOf, film);
  }
  const sampled = [...chosen].map(([asOf, film]) => ({ asOf, rows: rowsAround(film, asOf, byDay, random) }));
  return { days: sampled, films: thinned(films, sampled, worldFilms, random) };
}

type DatedFilm = { film: CatalogFilm; day: EpochDay };

function rowsAround(film: CatalogFilm, asOf: EpochDay, byDay: readonly DatedFilm[], random: SeededRandom): WantedRow[] {
  const [from, to] = [firstFrom(byDay, asOf), firstFrom(byDay, asOf + 1)];
  const onDay = byDay.slice(from, from + Math.min(ON_DAY, Math.ceil((to - from) / 2)));
  const justBefore = byDay.slice(Math.max(0, from - JUST_BEFORE), from);
  const longBefore =
    from === 0 ? [] : Array.from({ length: LONG_BEFORE }, () => byDay[random.below(from)] as DatedFilm);
  const ahead = byDay.slice(to, to + AHEAD);
  const rows = [film, ...[...onDay, ...ahead].map((one) => one.film)].map((one) => ({ film: one, asOf }));
  for (const { film: earlier, day } of [...justBefore, ...longBefore]) rows.push({ film: earlier, asOf: day });
  return [...new Map(rows.map((row) => [row.film.tmdbId, row])).values()];
}

/** The first film that was released on the day or later. */
function firstFrom(byDay: readonly DatedFilm[], day: number): number {
  let [low, high] = [0, byDay.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((byDay[middle] as DatedFilm).day < day) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Everyone in the rows, those who share a person or a collection with them, and others by chance. In the order given. */
function thinned(
  films: readonly CatalogFilm[],
  days: readonly LeakDay[],
  limit: number,
  random: SeededRandom,
): readonly CatalogFilm[] {
  if (films.length <= limit) return films;
  const rows = days.flatMap(({ rows }) => rows.map(({ film }) => film));
  const kept = new Set<TmdbId>(rows.map(({ tmdbId }) => tmdbId));
  const kin = new Set(rows.flatMap(({ facts }) => relations(facts)));
  for (const { tmdbId, facts } of films) {
    if (kept.size >= limit * 0.75) break;
    if (relations(facts).some((relation) => kin.has(relation))) kept.add(tmdbId);
  }
  while (kept.size < limit) kept.add((films[random.below(films.length)] as CatalogFilm).tmdbId);
  return films.filter(({ tmdbId }) => kept.has(tmdbId));
}

/** People, and the collection by a negative number. */
function relations({ directorIds, writerIds, composerIds, castIds, collectionId }: FilmFacts): number[] {
  const people = [directorIds, writerIds, composerIds, castIds].flatMap((ids) => ids ?? []).filter((id) => id !== null);
  return collectionId === undefined ? people : [...people, -collectionId];
}
