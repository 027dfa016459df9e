import { createEnsemble, floatsOf } from "@marquee/shared/model/ensemble";
import { predict } from "@marquee/shared/model/kernel";
import { groupColumns } from "@marquee/shared/model/rating-model";
import { describe, expect, test } from "vitest";
import { calibrate, hideGroups } from "./calibration.ts";
import { createSeededRandom } from "./seeded-random.ts";
import { syntheticTrainingSet } from "./testing/synthetic-training-set.ts";

const { columns, rows } = syntheticTrainingSet({ films: 3_000 });
const groups = groupColumns(columns);
const director = columns.findIndex(({ name }) => name === "director_mean");

/** A linear model that passes the director's mean on, and a network that adds nothing: prediction = climate + director's mean. */
function directorsModel() {
  const shape = { members: 1, inputs: columns.length, hiddenUnits: 2 };
  const weights = new Float32Array(floatsOf(shape));
  weights[director] = 1;
  const scaler = {
    mean: new Float64Array(columns.length),
    scale: new Float64Array(columns.length).fill(1),
    clip: 1_000,
  };
  return createEnsemble(shape, weights, scaler, 0);
}

/** The films with outcomes made for the purpose: prediction + error. */
function filmsWithErrors(error: (values: Float64Array, draw: () => number) => number) {
  const random = createSeededRandom(5);
  return rows.map((row) => {
    const { values } = row;
    const predicted = values[0]! + values[director]!;
    return { ...row, rating: predicted + error(values, random.next) };
  });
}

function coverageOf(films: typeof rows, calibration: ReturnType<typeof calibrate>): number {
  const model = { ensemble: directorsModel(), groups, manifest: { calibration } };
  const inside = films.filter(({ values, rating }) => {
    const { interval } = predict(model, values);
    return rating >= interval.lower && rating <= interval.upper;
  });
  return inside.length / films.length;
}

const calibrateOn = (films: typeof rows, coverage = 0.9) =>
  calibrate({ ensemble: directorsModel(), groups, films, coverage, seed: 1 });

describe("an interval", () => {
  /** Sum of three uniforms, minus its mean, skewed downwards: bad surprises are larger. */
  const skewed = (draw: () => number) => {
    const error = draw() + draw() + draw() - 1.5;
    return error < 0 ? 1.5 * error : error;
  };

  test.each([0.8, 0.9, 0.95])("holds the share of later films that it promises: %d", (coverage) => {
    const films = filmsWithErrors((_values, draw) => skewed(draw));
    const calibration = calibrateOn(films.slice(0, 1_000), coverage);
    // Three standard errors of two samples of 1,000 and 2,000.
    const margin = 3 * Math.sqrt(coverage * (1 - coverage) * (1 / 1_000 + 1 / 2_000));
    expect(Math.abs(coverageOf(films.slice(1_000), calibration) - coverage)).toBeLessThan(margin);
  });

  test("reaches further down than up where bad surprises are larger", () => {
    const { lower, upper } = calibrateOn(filmsWithErrors((_values, draw) => skewed(draw)));
    expect(-lower).toBeGreaterThan(1.2 * upper);
  });

  test("is wider for films that are harder to foresee", () => {
    const films = filmsWithErrors((values, draw) => (2 * draw() - 1) * Math.exp(-0.8 * values[director]!));
    expect(calibrateOn(films).difficulty.perPoint).toBeCloseTo(-0.8, 0);
  });

  test("is wider where what helped to foresee the film is unknown", () => {
    const { difficulty } = calibrateOn(filmsWithErrors((_values, draw) => 0.2 * (draw() - 0.5)));
    expect(difficulty.perMissing.director).toBeGreaterThan(0.3);
    expect(difficulty.perMissing.runtime).toBeLessThan(0.1);
  });

  test("is never narrower for knowing less, and always holds the prediction", () => {
    const { difficulty, lower, upper } = calibrateOn(filmsWithErrors((_values, draw) => 1 + draw()));
    expect(Object.values(difficulty.perMissing).every((added) => added >= 0)).toBe(true);
    expect(lower).toBe(0);
    expect(upper).toBeGreaterThan(1);
  });
});

test("hiding groups leaves the row itself and the other groups as they are", () => {
  const { values } = rows[0]!;
  const before = Float64Array.from(values);
  const hidden = hideGroups(
    values,
    groups.filter(({ group }) => group === "genres" || group === "director"),
  );
  expect(values).toEqual(before);
  expect(hidden).toEqual(before.with(5, Number.NaN).with(6, Number.NaN).with(7, Number.NaN).with(8, Number.NaN));
});
