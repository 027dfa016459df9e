import { describe, expect, test } from "vitest";
import { memberWeights, partsOf } from "./ensemble.ts";
import { predict } from "./kernel.ts";
import { createRatingModel, type RatingModel } from "./rating-model.ts";
import { madeUpModel, madeUpRow } from "./testing/made-up-model.ts";

/** The model written down as plainly as can be: the linear model, each member by itself, then their mean. */
function plainRating({ manifest, weights }: RatingModel, values: Float64Array): number {
  const { network, scaler } = manifest;
  const inputs = Array.from(values, (value, i) => {
    const scaled = (value - scaler.mean[i]!) / scaler.scale[i]!;
    return Number.isNaN(scaled) ? 0 : Math.min(scaler.clip, Math.max(-scaler.clip, scaled));
  });
  const { linear, networks } = partsOf(network, weights);
  const outputs = Array.from({ length: network.members }, (_, member) => {
    const { first, firstBias, second, secondBias } = memberWeights(network, networks, member);
    const hidden = Array.from(firstBias, (bias, unit) =>
      Math.max(
        0,
        inputs.reduce((sum, input, i) => sum + input * first[i * network.hiddenUnits + unit]!, bias),
      ),
    );
    return hidden.reduce((sum, unit, i) => sum + unit * second[i]!, secondBias[0]!);
  });
  const line = inputs.reduce((sum, input, i) => sum + input * linear[i]!, linear[inputs.length]!);
  return values[0]! + line + outputs.reduce((sum, output) => sum + output, 0) / network.members;
}

/** The made-up model with other calibration. */
function calibrated(change: Partial<RatingModel["manifest"]["calibration"]>): RatingModel {
  const { manifest, weights } = madeUpModel();
  return createRatingModel({ ...manifest, calibration: { ...manifest.calibration, ...change } }, weights);
}

describe("a prediction", () => {
  test("is the climate plus the linear model plus the mean of the members, whatever is unknown", () => {
    const model = madeUpModel();
    for (let i = 0; i < 1_000; i++) {
      const row = madeUpRow(i);
      expect(predict(model, row).rating).toBeCloseTo(Math.min(10, Math.max(0, plainRating(model, row))), 10);
    }
  });

  test("does not depend on what was predicted before", () => {
    const model = madeUpModel();
    const first = predict(model, madeUpRow(1));
    predict(model, madeUpRow(2));
    expect(predict(model, madeUpRow(1))).toEqual(first);
  });

  test("cuts inputs at five standard deviations", () => {
    const model = madeUpModel();
    const [far, farther] = [madeUpRow(3), madeUpRow(3)];
    far[6] = 1_000;
    farther[6] = Number.POSITIVE_INFINITY;
    expect(predict(model, farther)).toEqual(predict(model, far));
  });

  test.each([
    ["above the scale", 40, 10],
    ["below the scale", -40, 0],
  ])("%s is cut to it, its interval too", (_where, climate, edge) => {
    const row = madeUpRow(4);
    row[0] = climate;
    const { rating, interval } = predict(madeUpModel(), row);
    expect([rating, interval.lower, interval.upper]).toEqual([edge, edge, edge]);
  });

  test("lies inside its interval, and the interval inside 0…10", () => {
    const model = madeUpModel();
    for (let i = 0; i < 200; i++) {
      const { rating, interval } = predict(model, madeUpRow(i));
      expect(interval.coverage).toBe(0.9);
      expect(interval.lower).toBeGreaterThanOrEqual(0);
      expect(interval.lower).toBeLessThanOrEqual(rating);
      expect(interval.upper).toBeGreaterThanOrEqual(rating);
      expect(interval.upper).toBeLessThanOrEqual(10);
    }
  });

  test("refuses a row of another length", () => {
    expect(() => predict(madeUpModel(), new Float64Array(3))).toThrow(/takes 7 values and was given 3/);
  });
});

describe("an interval", () => {
  /** All known, at the climate's level and far from the scale's ends, where nothing is cut. */
  const known = Float64Array.from([6, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]);
  const width = (model: RatingModel, row: Float64Array) => {
    const { interval } = predict(model, row);
    return interval.upper - interval.lower;
  };

  test("is as wide as its quantiles where every film is as difficult", () => {
    const model = calibrated({ lower: -1, upper: 0.5, difficulty: { perPoint: 0, perMissing: {} } });
    expect(width(model, known)).toBeCloseTo(1.5, 12);
  });

  test("widens where nothing of a group is known, not where a part of it is", () => {
    const model = calibrated({ lower: -1, upper: 1, difficulty: { perPoint: 0, perMissing: { director: 0.5 } } });
    const partly = known.with(4, Number.NaN);
    expect(width(model, partly)).toBeCloseTo(2, 12);
    expect(width(model, partly.with(5, Number.NaN))).toBeCloseTo(2 * Math.exp(0.5), 12);
  });

  test("narrows with every point above the climate where good films are easier", () => {
    const model = calibrated({ lower: -1, upper: 1, difficulty: { perPoint: -0.3, perMissing: {} } });
    const above = predict(model, known).rating - 6;
    expect(width(model, known)).toBeCloseTo(2 * Math.exp(-0.3 * above), 12);
  });
});
