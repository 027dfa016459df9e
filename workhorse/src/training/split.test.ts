import type { CalendarDate } from "@marquee/shared/contracts/time";
import { isMarqueeError } from "@marquee/shared/service/errors";
import { describe, expect, test } from "vitest";
import { MIN_FILMS, splitByTime } from "./split.ts";
import type { TrainingRow } from "./training-set.ts";

const day = (text: string) => text as CalendarDate;
const film = (releaseDate: string, tmdbId = 1): TrainingRow => ({
  tmdbId,
  releaseDate: day(releaseDate),
  values: new Float64Array(),
  rating: 6,
  votes: 100,
});

/** So many films in each of these years, all on different days as far as there are days. */
function years(from: number, to: number, perYear: number): TrainingRow[] {
  return Array.from({ length: to - from + 1 }, (_, y) =>
    Array.from({ length: perYear }, (_, i) => {
      const month = String(1 + (i % 12)).padStart(2, "0");
      return film(`${from + y}-${month}-${String(1 + Math.floor(i / 12)).padStart(2, "0")}`, y * perYear + i);
    }),
  )
    .flat()
    .sort((a, b) => (a.releaseDate < b.releaseDate ? -1 : 1));
}

describe("the first day of the test", () => {
  test.each<[string, TrainingRow[], string]>([
    ["is the last new year that leaves a sixth: 2 of 12 years", years(2001, 2012, 60), "2011-01-01"],
    ["goes back a year where the last two are just short of a sixth", years(2000, 2012, 60), "2010-01-01"],
    [
      "is the last year's where that alone is enough",
      [...years(2001, 2011, 30), ...years(2012, 2012, 66)],
      "2012-01-01",
    ],
  ])("%s", (_what, rows, testFrom) => {
    expect(splitByTime(rows, { validationShare: 0.15 }).testFrom).toBe(testFrom);
  });

  test.each([
    [60, "2012-01-01", "the latest 60, all of the last year"],
    [100, "2011-05-01", "the latest 100, and the others of their first day"],
    [500, "2011-01-01", "no more than a sixth, however many are asked for"],
  ])("is that of the latest %i films where so many are asked for: %s (%s)", (testFilms, testFrom) => {
    expect(splitByTime(years(2001, 2012, 60), { testFilms, validationShare: 0.15 }).testFrom).toBe(testFrom);
  });

  test("that is set counts before a number of films", () => {
    const options = { testFrom: day("2009-06-15"), testFilms: 60, validationShare: 0.15 };
    expect(splitByTime(years(2001, 2012, 60), options).testFrom).toBe("2009-06-15");
  });

  test("is the one that is set", () => {
    const { test: tested, testFrom } = splitByTime(years(2001, 2012, 60), {
      testFrom: day("2009-06-15"),
      validationShare: 0.15,
    });
    expect(testFrom).toBe("2009-06-15");
    expect(tested[0]?.releaseDate).toBe("2009-07-01");
  });
});

describe("a split", () => {
  const rows = years(2001, 2012, 60);
  const { train, validation, test: tested } = splitByTime(rows, { validationShare: 0.15 });

  test("holds every film once, in time's order", () => {
    expect([...train, ...validation, ...tested]).toEqual(rows);
  });

  test("validates on the latest share before the test", () => {
    expect(validation.length).toBeCloseTo(0.15 * (train.length + validation.length), -1);
    expect(train.at(-1)!.releaseDate < validation[0]!.releaseDate).toBe(true);
    expect(validation.at(-1)!.releaseDate < tested[0]!.releaseDate).toBe(true);
  });

  test("puts a film of the very day into the test", () => {
    const [before, on] = [film("2010-12-31", -1), film("2011-01-01", -2)];
    const around = [...years(2001, 2010, 60), before, on, ...years(2011, 2012, 60)];
    const split = splitByTime(around, { testFrom: day("2011-01-01"), validationShare: 0.15 });
    expect(split.validation.at(-1)).toBe(before);
    expect(split.test[0]).toBe(on);
  });

  test("does not tear the films of one day apart", () => {
    const crowd = Array.from({ length: 120 }, (_, i) => film("2010-06-01", 5_000 + i));
    const split = splitByTime([...years(2001, 2010, 60), ...crowd, ...years(2011, 2012, 60)].sort(byDate), {
      testFrom: day("2011-01-01"),
      validationShare: 0.15,
    });
    const parts = [split.train, split.validation].map((part) => part.filter((row) => row.releaseDate === "2010-06-01"));
    expect(parts.map(({ length }) => length)).toContain(0);
  });
});

const byDate = (a: TrainingRow, b: TrainingRow) => (a.releaseDate < b.releaseDate ? -1 : 1);

describe("too few films", () => {
  const refusal = (rows: TrainingRow[], testFrom?: string): unknown => {
    try {
      return splitByTime(rows, { validationShare: 0.15, ...(testFrom ? { testFrom: day(testFrom) } : {}) });
    } catch (error) {
      return error;
    }
  };

  test.each<[string, TrainingRow[], string | undefined, RegExp]>([
    ["none at all", [], undefined, /0 films to learn from, and 100 are needed; 0 films to choose settings on/],
    ["all in one year", years(2012, 2012, 300), undefined, /0 films to learn from/],
    ["too few to validate on", years(2001, 2012, 20), undefined, /30 films to choose settings on, and 50 are needed/],
    [
      "nothing from the day that is set",
      years(2001, 2012, 60),
      "2020-01-01",
      /2020-01-01 on there are 0 films to test on/,
    ],
  ])("%s: says what there is and what is needed", (_what, rows, testFrom, said) => {
    const error = refusal(rows, testFrom);
    expect(isMarqueeError(error, "TRAINING_DATA_INSUFFICIENT") && error.message).toMatch(said);
  });

  test("exactly enough is enough", () => {
    // 100 to learn from, 50 to validate on, 50 to test on.
    const rows = [...years(2001, 2001, 100), ...years(2002, 2002, 50), ...years(2003, 2003, 50)];
    const options = { validationShare: 1 / 3, testFrom: day("2003-01-01") };
    const split = splitByTime(rows, options);
    expect([split.train.length, split.validation.length, split.test.length]).toEqual(Object.values(MIN_FILMS));
    expect(() => splitByTime(rows.slice(0, -1), options)).toThrow(/49 films to test on, and 50 are needed/);
  });
});
