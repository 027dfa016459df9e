import { describe, expect, test } from "vitest";
import { FEATURE_GROUPS, type FeatureGroup } from "../features/feature-view.ts";
import { uncutRating } from "./ensemble.ts";
import { explain } from "./explain.ts";
import type { RatingModel } from "./rating-model.ts";
import { madeUpModel, madeUpRow } from "./testing/made-up-model.ts";

/** The definition: the mean, over all orders in which groups may become known, of what each then adds. */
function shapleyByOrders(model: RatingModel, values: Float64Array): Map<FeatureGroup, number> {
  const orders = permutations(model.groups.map((_, i) => i));
  const shares = new Map<FeatureGroup, number>();
  for (const order of orders) {
    const row = Float64Array.from(model.manifest.scaler.mean);
    row[0] = model.manifest.target.mean;
    let before = uncutRating(model.ensemble, row);
    for (const index of order) {
      const { group, columns } = model.groups[index]!;
      for (const column of columns) row[column] = values[column]!;
      const after = uncutRating(model.ensemble, row);
      shares.set(group, (shares.get(group) ?? 0) + (after - before) / orders.length);
      before = after;
    }
  }
  return shares;
}

function permutations(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]));
}

function total({ base, contributions }: ReturnType<typeof explain>): number {
  return contributions.reduce((sum, { contribution }) => sum + contribution, base);
}

describe("an explanation", () => {
  test("adds up to the prediction before it is cut", () => {
    const model = madeUpModel();
    for (let i = 0; i < 300; i++) {
      const row = madeUpRow(i);
      expect(Math.abs(total(explain(model, row)) - uncutRating(model.ensemble, row))).toBeLessThan(1e-9);
    }
  });

  test("adds up as well for all groups that there are and an ensemble of full size", () => {
    const groups = Object.keys(FEATURE_GROUPS) as FeatureGroup[];
    const columns = groups.flatMap((group) => (group === "climate" ? [group] : [group, group, group]));
    const model = madeUpModel(columns, 6, 64);
    for (let i = 0; i < 20; i++) {
      const row = madeUpRow(i, columns.length);
      expect(Math.abs(total(explain(model, row)) - uncutRating(model.ensemble, row))).toBeLessThan(1e-9);
    }
  });

  test("gives each group its Shapley value by the definition", () => {
    const model = madeUpModel();
    for (let i = 0; i < 10; i++) {
      const expected = shapleyByOrders(model, madeUpRow(i));
      for (const { group, contribution } of explain(model, madeUpRow(i)).contributions) {
        expect(contribution).toBeCloseTo(expected.get(group)!, 10);
      }
    }
  });

  test("starts from the mean film, to which nothing is added", () => {
    const model = madeUpModel();
    const row = Float64Array.from(model.manifest.scaler.mean);
    const { base, contributions } = explain(model, row);
    expect(base).toBeCloseTo(uncutRating(model.ensemble, row), 12);
    expect(contributions.map(({ contribution }) => contribution)).toEqual([0, 0, 0, 0, 0]);
  });

  test("gives an unknown group nothing, and names every group once in the columns' order", () => {
    const row = madeUpRow(1).with(4, Number.NaN).with(5, Number.NaN);
    const { contributions } = explain(madeUpModel(), row);
    expect(contributions.map(({ group }) => group)).toEqual(["climate", "release", "genres", "director", "cast"]);
    expect(contributions[3]?.contribution).toBe(0);
  });
});
