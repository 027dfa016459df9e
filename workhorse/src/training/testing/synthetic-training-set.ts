import { type CalendarDate, calendarDate, type EpochDay, epochDay } from "@marquee/shared/contracts/time";
import type { FeatureColumn, FeatureGroup } from "@marquee/shared/features/feature-view";
import { columnsOf } from "@marquee/shared/features/view-columns";
import { sha256 } from "@marquee/shared/service/ids";
import { createSeededRandom, type SeededRandom } from "../seeded-random.ts";
import type { TrainingRow, TrainingSet } from "../training-set.ts";

const COLUMNS = [
  column("climate_mean", "rating points", "climate"),
  column("release_year", "year", "release"),
  column("runtime_minutes", "minutes", "runtime"),
  column("budget_log10", "log10 USD", "budget"),
  column("language_english", "0/1", "language"),
  column("genre_drama", "0/1", "genres"),
  column("genre_horror", "0/1", "genres"),
  column("director_films", "log(1+n)", "director"),
  column("director_mean", "rating points", "director"),
  column("cast_mean", "rating points", "cast"),
  column("company_mean", "rating points", "companies"),
  column("collection_mean", "rating points", "collection"),
] as const satisfies FeatureColumn[];

/** What no feature tells, in rating points: no model can have a lower RMSE. */
export const SYNTHETIC_NOISE = 0.6;

function column(name: string, unit: string, group: FeatureGroup): FeatureColumn {
  return columnsOf(group)(name, unit, name);
}

export interface SyntheticOptions {
  films: number;
  seed?: number;
  first?: string;
  last?: string;
}

/**
 * Films that never were, evenly over the years, whose rating follows from their features in a way that a straight line
 * cannot follow (a horror film gains nothing from its director), plus normal noise of SYNTHETIC_NOISE. Some values are
 * unknown, the collection always.
 */
export function syntheticTrainingSet(options: SyntheticOptions): TrainingSet {
  const { films, seed = 7, first = "1990-01-01", last = "2016-12-31" } = options;
  const [from, to] = [epochDay(first as CalendarDate), epochDay(last as CalendarDate)];
  const random = createSeededRandom(seed, 0x5e7);
  const rows = Array.from({ length: films }, (_, i) => {
    const day = Math.floor(from + ((to - from) * i) / (films - 1)) as EpochDay;
    return syntheticRow(i + 1, day, random);
  });
  const text = rows.map(({ tmdbId, values, rating }) => `${tmdbId} ${values.join(",")} ${rating}`).join("\n");
  return { columns: COLUMNS, viewsHash: sha256("synthetic"), rows, hash: sha256(text) };
}

function syntheticRow(tmdbId: number, day: EpochDay, random: SeededRandom): TrainingRow {
  const climate = 6.5 + 0.2 * Math.sin(day / 900);
  const runtime = 105 + 18 * normal(random);
  const horror = Number(random.next() < 0.2);
  const drama = Number(horror === 0 && random.next() < 0.5);
  const director = random.next() < 0.4 ? 0 : 0.5 * normal(random);
  const cast = 0.3 * normal(random);
  const merit = 0.015 * (runtime - 105) + 0.3 * drama - 0.6 * horror + (1 - horror) * 1.4 * director + cast;
  const rating = climate + merit + SYNTHETIC_NOISE * normal(random);
  return {
    tmdbId,
    releaseDate: calendarDate(day),
    values: Float64Array.from([
      climate,
      1970 + day / 365.2425,
      random.next() < 0.05 ? Number.NaN : runtime,
      random.next() < 0.3 ? Number.NaN : 7 + normal(random),
      Number(random.next() < 0.9),
      drama,
      horror,
      director === 0 ? 0 : 1,
      director,
      random.next() < 0.1 ? Number.NaN : cast,
      0.2 * normal(random),
      Number.NaN,
    ]),
    rating: Math.min(10, Math.max(1, rating)),
    votes: 50 + random.below(10_000),
  };
}

/** Sum of twelve uniforms (Irwin–Hall): close enough to a standard normal, and the same bits everywhere. */
function normal(random: SeededRandom): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random.next();
  return sum;
}
