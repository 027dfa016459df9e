import { isMarqueeError } from "@marquee/shared/service/errors";
import { expect, test } from "vitest";
import { parseTrainingSettings } from "./training-settings.ts";

test("every setting has a default", () => {
  expect(parseTrainingSettings()).toMatchObject({ seed: 1, members: 6, hiddenUnits: 64, coverage: 0.9 });
});

test("what is given is kept beside the defaults of the rest", () => {
  expect(parseTrainingSettings({ seed: 9, epochs: 3 })).toEqual({ ...parseTrainingSettings(), seed: 9, epochs: 3 });
});

test("all that is wrong is named at once", () => {
  let refusal: unknown;
  try {
    parseTrainingSettings({ members: 0, learningRate: -1, testFrom: "2012-02-30" } as never);
  } catch (error) {
    refusal = error;
  }
  expect(isMarqueeError(refusal, "SETTINGS_INVALID")).toBe(true);
  for (const name of ["members", "learningRate", "testFrom"]) expect(String(refusal)).toContain(name);
});
