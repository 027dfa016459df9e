import type { CalendarDate } from "@marquee/shared/contracts/time";
import { MarqueeError } from "@marquee/shared/service/errors";
import type { TrainingRow } from "./training-set.ts";

/** Fewest films of each part: below 50 an RMSE has an error of a tenth, and an interval's 5 % tails hold two films. */
export const MIN_FILMS = { train: 100, validation: 50, test: 50 } as const;

/** Share of all films that the chosen January 1st leaves for testing at least: a sixth. */
const TEST_SHARE = 1 / 6;

/** Films by time: every validation film is released after every train film, every test film after both. */
export interface TimeSplit {
  train: TrainingRow[];
  validation: TrainingRow[];
  test: TrainingRow[];
  /** The first possible day of a test film's release. */
  testFrom: CalendarDate;
}

export interface SplitOptions {
  /** Unset: the latest January 1st that leaves at least a sixth of the films for testing, unless `testFilms` is set. */
  testFrom?: CalendarDate | undefined;
  /** Where testFrom is unset: as many of the latest films, but at most a sixth of all, and their first day's whole. */
  testFilms?: number | undefined;
  /** Share of the films before testFrom that is validated on: the latest. Films of one day are not torn apart. */
  validationShare: number;
}

/**
 * @param rows ascending by release date
 * @throws MarqueeError TRAINING_DATA_INSUFFICIENT that says how many films there are in each part, and how many are needed
 */
export function splitByTime(rows: readonly TrainingRow[], options: SplitOptions): TimeSplit {
  const { testFilms } = options;
  const testFrom = options.testFrom ?? (testFilms === undefined ? latestTestFrom(rows) : latestFilms(rows, testFilms));
  const before = rows.filter(({ releaseDate }) => releaseDate < testFrom);
  const validationFrom = before[Math.floor(before.length * (1 - options.validationShare))]?.releaseDate ?? testFrom;
  const split = {
    train: before.filter(({ releaseDate }) => releaseDate < validationFrom),
    validation: before.filter(({ releaseDate }) => releaseDate >= validationFrom),
    test: rows.filter(({ releaseDate }) => releaseDate >= testFrom),
    testFrom,
  };
  assertEnough(split);
  return split;
}

function latestFilms(rows: readonly TrainingRow[], films: number): CalendarDate {
  const tested = Math.min(films, Math.ceil(rows.length * TEST_SHARE));
  return rows[rows.length - tested]?.releaseDate ?? latestTestFrom(rows);
}

function latestTestFrom(rows: readonly TrainingRow[]): CalendarDate {
  // The last film that may be the first of the test: from it on lies a sixth.
  const candidate = rows[rows.length - Math.ceil(rows.length * TEST_SHARE)];
  return `${candidate?.releaseDate.slice(0, 4) ?? "1970"}-01-01` as CalendarDate;
}

function assertEnough(split: TimeSplit): void {
  const parts = (["train", "validation", "test"] as const).map((part) => ({
    part,
    films: split[part].length,
    needed: MIN_FILMS[part],
  }));
  const short = parts.filter(({ films, needed }) => films < needed);
  if (short.length === 0) return;
  const needs = short.map(({ part, films, needed }) => `${films} films to ${WORDS[part]}, and ${needed} are needed`);
  throw new MarqueeError(
    "TRAINING_DATA_INSUFFICIENT",
    `With the test from ${split.testFrom} on there are ${needs.join("; ")}. Collect more films that have a rating` +
      ", or set testFrom to another day.",
    { details: { testFrom: split.testFrom, parts } },
  );
}

const WORDS = { train: "learn from", validation: "choose settings on", test: "test on" } as const;
