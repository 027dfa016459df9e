import type { CalendarDate } from "@marquee/shared/contracts/time";
import { predict } from "@marquee/shared/model/kernel";
import type { Manifest } from "@marquee/shared/model/manifest";
import type { RatingModel } from "@marquee/shared/model/rating-model";
import { madeUpModel, madeUpRow, noise } from "@marquee/shared/model/testing/made-up-model";
import type { Comparison } from "@marquee/shared/registry/promotion-gate";
import { describe, expect, it } from "vitest";
import type { TrainingRow } from "../training/training-set.ts";
import { compareWithChampion } from "./compare-with-champion.ts";

const VIEWS = "v".repeat(64);
const WEEKS = 300;
const day = (text: string) => text as CalendarDate;
const base = madeUpModel();

interface Made extends Partial<Manifest> {
  testFrom?: string;
  lastRelease?: string;
  trainingSetHash?: string;
  /** Rating points by which it predicts too much. */
  off?: number;
}

function made({ testFrom = "2012-01-01", lastRelease, trainingSetHash = "c", off = 0, ...changes }: Made): RatingModel {
  const data = { ...base.manifest.data, testFrom: day(testFrom), trainingSetHash };
  if (lastRelease !== undefined) data.lastRelease = day(lastRelease);
  return {
    ...base,
    manifest: { ...base.manifest, viewsHash: VIEWS, data, ...changes },
    ensemble: { ...base.ensemble, secondBias: base.ensemble.secondBias + off },
  };
}

/** One film a week from 2010 on, to September 2015; the made-up model is right but for noise. */
const rows: TrainingRow[] = Array.from({ length: WEEKS }, (_, i) => {
  const values = madeUpRow(i);
  return {
    tmdbId: i,
    releaseDate: day(new Date(Date.UTC(2010, 0, 1 + 7 * i)).toISOString().slice(0, 10)),
    values,
    rating: predict(base, values).rating + noise(i) / 2,
    votes: 100,
  };
});
const releasedFrom = (from: string) => rows.filter(({ releaseDate }) => releaseDate >= from).length;

const compare = (candidate: Made, champion: Made) =>
  compareWithChampion(
    made({ trainingSetHash: "n", ...candidate }),
    { version: 4, model: made(champion) },
    {
      rows,
      viewsHash: VIEWS,
    },
  );
const comparisonOf = (candidate: Made, champion: Made) => compare(candidate, champion).compared as Comparison;

describe("candidate and champion", () => {
  it("are measured on the same films", () => {
    const { films, from, leftOut, candidateRmse, championRmse, difference, lower, upper } = comparisonOf(
      {},
      { off: 0.5 },
    );
    expect([films, from, leftOut]).toEqual([releasedFrom("2012-01-01"), "2012-01-06", 0]);
    expect(candidateRmse).toBeCloseTo(0.5 / Math.sqrt(3), 1);
    expect(championRmse).toBeGreaterThan(candidateRmse);
    expect(difference).toBeCloseTo(candidateRmse - championRmse, 12);
    expect(lower).toBeLessThan(difference);
    expect(upper).toBeGreaterThan(difference);
    expect(upper).toBeLessThan(0);
  });

  it("that predict the same do not differ", () => {
    expect(comparisonOf({}, {})).toMatchObject({ difference: 0, lower: 0, upper: 0 });
  });

  it.each([
    ["a champion that was tested earlier leaves out none", {}, { testFrom: "2010-06-01" }, "2012-01-01", 0],
    [
      "a champion that was tested later has learned from the first of them",
      {},
      { testFrom: "2013-01-01" },
      "2013-01-01",
      52,
    ],
    [
      "a refitted champion has learned from all that there was",
      {},
      { testFrom: "2011-01-01", lastRelease: "2013-12-31", refit: true as const },
      "2014-01-01",
      104,
    ],
  ])("%s", (_what, candidate, champion, from, leftOut) => {
    expect(comparisonOf(candidate, champion)).toMatchObject({ films: releasedFrom(from), leftOut });
    expect(releasedFrom("2012-01-01") - releasedFrom(from)).toBe(leftOut);
  });

  it.each([
    [50, "2014-10-15"],
    [49, "2014-10-24"],
    [0, "2016-01-01"],
  ])("are told apart by 50 films and not by fewer: %i", (films, testFrom) => {
    expect(releasedFrom(testFrom)).toBe(films);
    const { compared } = compare({}, { testFrom });
    if (films === 50) expect(compared).toMatchObject({ films });
    else
      expect(compare({}, { testFrom })).toEqual({ version: 4, compared: "too-few-films", films, leftOut: 195 - films });
  });

  it("made from the same films with the same settings are one model", () => {
    expect(compare({ trainingSetHash: "c" }, {})).toEqual({ version: 4, compared: "nothing-new" });
  });

  it.each<[string, Made]>([
    ["settings", { settings: { seed: 2 } }],
    ["release", { codeVersion: "9.9.9" }],
    ["backend", { backend: "native" }],
  ])("made from the same films by another %s are two", (_what, changes) => {
    expect(compare({ trainingSetHash: "c", ...changes }, {}).compared).toMatchObject({ leftOut: 0 });
  });

  it("that read other features cannot be compared", () => {
    expect(compare({}, { viewsHash: "w".repeat(64) })).toMatchObject({ version: 4, compared: "impossible" });
  });
});
