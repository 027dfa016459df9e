import { dirname } from "node:path";
import { findInput } from "@marquee/shared/testing/inputs";

/** The folder of recorded data among the inputs, undefined where it is not there: see findInput. */
export function recordedData(): string | undefined {
  const films = findInput("data/tmdb5000", "tests on recorded data");
  return films === undefined ? undefined : dirname(films);
}
