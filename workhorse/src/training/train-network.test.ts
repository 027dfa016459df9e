import { describe, expect, test } from "vitest";
import { createSeededRandom } from "./seeded-random.ts";
import { drawBatch } from "./train-network.ts";
import { parseTrainingSettings } from "./training-settings.ts";

const rows = 500;
const columns = 6;
const examples = {
  rows,
  columns,
  inputs: Float32Array.from({ length: rows * columns }, (_, i) => 1 + i),
  targets: Float32Array.from({ length: rows }, (_, i) => i),
  groupOf: Uint8Array.from([0, 0, 1, 1, 1, 2]),
};
const all = Uint32Array.from({ length: rows }, (_, i) => i);
const draw = (settings: Parameters<typeof parseTrainingSettings>[0], order = all, seed = 1) =>
  drawBatch(examples, order, parseTrainingSettings(settings), createSeededRandom(seed));
const NOTHING = { inputDropout: 0, groupDropout: 0, hiddenDropout: 0 };

describe("a batch", () => {
  test("is a copy of its rows where nothing is dropped", () => {
    const batch = draw(NOTHING, Uint32Array.from([3, 1]));
    expect([...batch.inputs]).toEqual([19, 20, 21, 22, 23, 24, 7, 8, 9, 10, 11, 12]);
    expect([...batch.targets]).toEqual([3, 1]);
    expect(new Set(batch.hiddenMask)).toEqual(new Set([1]));
  });

  test("drops the share of inputs that is set, and scales up the rest", () => {
    const { inputs } = draw({ ...NOTHING, inputDropout: 0.2 });
    const kept = inputs.filter((value) => value !== 0);
    expect(Math.abs(kept.length / inputs.length - 0.8)).toBeLessThan(0.03);
    inputs.forEach((value, i) => {
      if (value !== 0) expect(value / (1 + i)).toBeCloseTo(1.25, 5);
    });
  });

  test("drops whole groups for a row, and does not scale up the rest", () => {
    const { inputs } = draw({ ...NOTHING, groupDropout: 0.3 });
    for (let row = 0; row < rows; row++) {
      const values = [...inputs.subarray(row * columns, (row + 1) * columns)];
      const patterns = [values.slice(0, 2), values.slice(2, 5), values.slice(5)];
      for (const group of patterns) expect(new Set(group.map((value) => value === 0)).size).toBe(1);
    }
    const dropped = Array.from({ length: rows }, (_, row) => inputs[row * columns]).filter((value) => value === 0);
    expect(Math.abs(dropped.length / rows - 0.3)).toBeLessThan(0.07);
  });

  test("masks hidden units so that their expectation stays", () => {
    const { hiddenMask } = draw({ ...NOTHING, hiddenDropout: 0.5, hiddenUnits: 32 });
    expect(new Set(hiddenMask)).toEqual(new Set([0, 2]));
    expect(hiddenMask.reduce((sum, value) => sum + value, 0) / hiddenMask.length).toBeCloseTo(1, 1);
  });

  test("is the same for the same seed, another for another", () => {
    expect(draw({}, all, 4)).toEqual(draw({}, all, 4));
    expect(draw({}, all, 4)).not.toEqual(draw({}, all, 5));
  });
});
