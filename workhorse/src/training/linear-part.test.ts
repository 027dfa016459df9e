import { createEnsemble, floatsOf, uncutRating } from "@marquee/shared/model/ensemble";
import { describe, expect, test } from "vitest";
import { createExamples, fitScaler } from "./input-examples.ts";
import { blendWeights, fitLinear, linearShare, predictLinearPart } from "./linear-part.ts";
import { createSeededRandom } from "./seeded-random.ts";
import { syntheticTrainingSet } from "./testing/synthetic-training-set.ts";

describe("the linear part's share", () => {
  const targets = [1, 2, 3, 4];
  test.each([
    ["all where it alone is right", targets, [0, 0, 0, 0], 1],
    ["nothing where the networks are right", [0, 0, 0, 0], targets, 0],
    ["half where they err to both sides", [2, 3, 4, 5], [0, 1, 2, 3], 0.5],
    ["never more than all", [0.5, 1, 1.5, 2], [0, 0, 0, 0], 1],
    ["never below nothing", [-1, -2, -3, -4], [0.5, 1, 1.5, 2], 0],
    ["nothing where both say the same", targets, targets, 0],
  ])("is %s", (_why, linear, networks, share) => {
    expect(linearShare(targets, linear, networks)).toBeCloseTo(share, 12);
  });
});

test("blended weights predict the blend of what each predicts alone", () => {
  const { columns, rows } = syntheticTrainingSet({ films: 200 });
  const scaler = fitScaler(rows, columns.length, 5);
  const examples = createExamples(rows, columns, scaler, 0);
  const shape = { members: 2, inputs: columns.length, hiddenUnits: 3 };
  const random = createSeededRandom(3);
  const linear = fitLinear(examples);
  const networks = Float32Array.from({ length: floatsOf(shape) - linear.length }, () => random.next() - 0.5);
  const predictedBy = (share: number) => {
    const ensemble = createEnsemble(shape, blendWeights(shape, linear, networks, share), scaler, 0);
    return rows.map(({ values }) => uncutRating(ensemble, values) - (values[0] ?? Number.NaN));
  };
  const [none, some, all] = [0, 0.3, 1].map(predictedBy);
  const alone = predictLinearPart(linear, examples);
  rows.forEach((_, i) => {
    expect(all?.[i]).toBeCloseTo(alone[i] ?? Number.NaN, 5);
    expect(some?.[i]).toBeCloseTo(0.7 * (none?.[i] ?? Number.NaN) + 0.3 * (all?.[i] ?? Number.NaN), 5);
  });
});
