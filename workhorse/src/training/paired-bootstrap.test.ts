import { describe, expect, it } from "vitest";
import { bootstrapRmseDifference } from "./paired-bootstrap.ts";
import { createSeededRandom } from "./seeded-random.ts";

const FILMS = 400;
/** Errors of one model, spread evenly from -spread to spread. */
const errors = (spread: number, stream: number): number[] => {
  const random = createSeededRandom(7, stream);
  return Array.from({ length: FILMS }, () => (random.next() * 2 - 1) * spread);
};

describe("the paired bootstrap", () => {
  it("finds no difference between a model and itself", () => {
    const own = errors(1, 1);
    expect(bootstrapRmseDifference(own, own)).toEqual({ difference: 0, lower: 0, upper: 0, confidence: 0.95 });
  });

  it("says the same every time, and the mirror image when the models change places", () => {
    const [one, other] = [errors(1, 1), errors(1.1, 2)];
    const difference = bootstrapRmseDifference(one, other);
    expect(bootstrapRmseDifference(one, other)).toEqual(difference);
    const mirrored = bootstrapRmseDifference(other, one);
    expect(mirrored.difference).toBeCloseTo(-difference.difference, 12);
    expect(mirrored.lower).toBeCloseTo(-difference.upper, 2);
  });

  it("is sure of a model that is clearly better", () => {
    const { difference, lower, upper } = bootstrapRmseDifference(errors(1, 1), errors(2, 2));
    expect(difference).toBeCloseTo(-1 / Math.sqrt(3), 1);
    expect(upper).toBeLessThan(-0.4);
    expect(lower).toBeLessThan(difference);
  });

  it("is not sure where chance alone sets two models apart", () => {
    const { lower, upper } = bootstrapRmseDifference(errors(1, 1), errors(1, 2));
    expect(lower).toBeLessThan(0);
    expect(upper).toBeGreaterThan(0);
  });

  it("gives a width that agrees with theory: independent errors of equal spread", () => {
    const { lower, upper } = bootstrapRmseDifference(errors(1, 1), errors(1, 2));
    // Var(rmse) = Var(e²) / (4 n E[e²]) = (1/5 - 1/9) / (4 × 400 × 1/3) for each; the two are independent.
    const standardError = Math.sqrt((2 * (1 / 5 - 1 / 9)) / (4 * FILMS * (1 / 3)));
    expect((upper - lower) / (2 * 1.96 * standardError)).toBeGreaterThan(0.8);
    expect((upper - lower) / (2 * 1.96 * standardError)).toBeLessThan(1.2);
  });
});
