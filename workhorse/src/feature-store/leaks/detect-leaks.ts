import { type CalendarDate, calendarDate, type EpochDay } from "@marquee/shared/contracts/time";
import { viewKey } from "@marquee/shared/features/feature-view";
import { MarqueeError } from "@marquee/shared/service/errors";
import { createSeededRandom } from "../../training/seeded-random.ts";
import type { CatalogFilm } from "../load-films.ts";
import type { CheckedView, ComputeWorld, WantedRow } from "./compute-world.ts";
import { type LeakDay, sampleLeakRows } from "./leak-sample.ts";
import { renamed } from "./noise-facts.ts";
import { noiseWorld } from "./noise-world.ts";

export interface LeakCheckOptions {
  films: readonly CatalogFilm[];
  compute: ComputeWorld;
  /** Whose columns `compute` gives, in their order. */
  views: readonly CheckedView[];
  today: EpochDay;
  /** Days after its release from which another film's rating counts. */
  maturityDays: number;
  seed: number;
  /** How many days are looked at; 20 unless given. */
  days?: number;
  /** A larger catalog is thinned to so many films. */
  worldFilms?: number;
}

/** A column that knew something from its row's day on. */
export interface LeakFinding {
  /** With its version: `film_metadata@2`. */
  view: string;
  column: string;
  /** How many rows of films it differed in. */
  films: number;
  /** The first of them; null where the value is unknown. */
  example: { tmdbId: number; asOf: CalendarDate; before: number | null; after: number | null };
}

export interface LeakReport {
  /** Rows that were looked at. */
  films: number;
  days: number;
  columns: number;
  findings: LeakFinding[];
}

export const LEAK_DAYS = 20;

/**
 * For days by chance, everything that happened from the day on becomes noise (noise-world.ts) and the features of films
 * around it are computed anew: a column that differs in any bit knew what nobody could know. What a process remembers by
 * something that is no noise (a genre, a year) and without the day is the same in both, and is not found. A step per day,
 * so that the caller can stop between them and tell how far it is.
 */
export function* searchLeaks(options: LeakCheckOptions): Generator<{ done: number; total: number }, LeakReport> {
  const { compute, views, maturityDays, seed, today, worldFilms } = options;
  const random = createSeededRandom(seed, 0x1ea6);
  const sample = sampleLeakRows({
    films: options.films,
    days: options.days ?? LEAK_DAYS,
    ...{ today, random },
    ...(worldFilms === undefined ? {} : { worldFilms }),
  });
  const { days, films } = sample;
  const total = days.length + 1;
  const rows = days.flatMap((day) => day.rows);
  const known = compute(films, rows);
  const columns = views.flatMap((view) => view.columns.map(({ name }) => ({ view: viewKey(view), column: name })));
  const findings = new Map<number, LeakFinding>();
  yield { done: 1, total };
  let from = 0;
  for (const [i, day] of days.entries()) {
    const compared = new Set(day.rows.map(({ film }) => film.tmdbId));
    const world = noiseWorld({ films, asOf: day.asOf, compared, maturityDays, random });
    const again = computeRows(compute, world, day);
    day.rows.forEach((row, j) => {
      const [before, after] = [known[from + j], again[j]];
      if (!before || !after)
        throw new MarqueeError("INTERNAL", "Features were computed for fewer films than were asked for.");
      compareRow({ columns, findings }, row, before, after);
    });
    from += day.rows.length;
    yield { done: i + 2, total };
  }
  return { films: rows.length, days: days.length, columns: columns.length, findings: [...findings.values()] };
}

/** The whole search at once. */
export function detectLeaks(options: LeakCheckOptions): LeakReport {
  const search = searchLeaks(options);
  for (;;) {
    const step = search.next();
    if (step.done) return step.value;
  }
}

/** In the opposite order, so that what one row leaves behind for the next shows. @returns in the order of the day's rows */
function computeRows(compute: ComputeWorld, world: readonly CatalogFilm[], { rows }: LeakDay): Float64Array[] {
  const byId = new Map(world.map((film) => [film.tmdbId as number, film]));
  const wanted = rows.map(({ film, asOf }) => ({ film: byId.get(renamed(film.tmdbId)) ?? film, asOf }));
  return compute(world, wanted.toReversed()).toReversed();
}

interface Findings {
  columns: readonly { view: string; column: string }[];
  /** By column. */
  findings: Map<number, LeakFinding>;
}

function compareRow({ columns, findings }: Findings, row: WantedRow, before: Float64Array, after: Float64Array): void {
  columns.forEach(({ view, column }, i) => {
    const [was, is] = [before[i] ?? Number.NaN, after[i] ?? Number.NaN];
    // Object.is tells 0 from -0 and takes NaN for itself: it compares bits.
    if (Object.is(was, is)) return;
    const found = findings.get(i);
    if (found) found.films++;
    else {
      const example = {
        tmdbId: row.film.tmdbId as number,
        asOf: calendarDate(row.asOf),
        before: known(was),
        after: known(is),
      };
      findings.set(i, { view, column, films: 1, example });
    }
  });
}

/** JSON has no NaN. */
function known(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
