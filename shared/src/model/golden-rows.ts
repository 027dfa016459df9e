import { MarqueeError } from "../service/errors.ts";
import { predict } from "./kernel.ts";
import type { RatingModel } from "./rating-model.ts";

/** How far the kernel may be from what training computed in float32, in rating points. */
export const GOLDEN_TOLERANCE = 1e-5;

/**
 * Predicts the artifact's golden rows and compares with what training computed for them: a model that this machine
 * would serve wrongly is not served.
 * @returns the largest difference, in rating points
 * @throws MarqueeError ARTIFACT_INVALID with the row that differs most
 */
export function checkGoldenRows(model: RatingModel): number {
  const differences = model.manifest.goldenRows.map(({ values, rating }) =>
    Math.abs(
      predict(
        model,
        Float64Array.from(values, (value) => value ?? Number.NaN),
      ).rating - rating,
    ),
  );
  const largest = Math.max(0, ...differences);
  // Written so that NaN fails as well.
  if (!(largest <= GOLDEN_TOLERANCE)) {
    throw new MarqueeError(
      "ARTIFACT_INVALID",
      `The model artifact's golden row ${differences.findIndex((difference) => Object.is(difference, largest))} comes out ${largest} rating points from what training ` +
        `computed; at most ${GOLDEN_TOLERANCE} is accepted.`,
    );
  }
  return largest;
}
