import { expect, it } from "vitest";
import { joinsIn, materialisationsIn } from "./sdk-figures.ts";

const MATERIALISED = "\nSDK materialize v5k: 0.91 s\n100%|##|\nSDK materialize v100k: 18.30 s\npeak RSS MB 2101\n";
const JOINED = `get_historical_features file run 0: 2.80 s rows 100000 cols 22 nulls 12 sum x00 -431.3561
get_historical_features file run 1: 2.02 s rows 100000 cols 22 nulls 12 sum x00 -431.3561
peak RSS MB 950
`;

it("the seconds of each view's materialisation are read from what Feast's script prints", () => {
  expect(materialisationsIn(MATERIALISED)).toEqual({ v5k: { seconds: 0.91 }, v100k: { seconds: 18.3 } });
});

it("every join's figures are read from what Feast's script prints", () => {
  const figures = { rows: 100_000, columns: 22, nulls: 12, sum: -431.3561 };
  expect(joinsIn(JOINED)).toEqual([
    { seconds: 2.8, ...figures },
    { seconds: 2.02, ...figures },
  ]);
});

it("a script that prints no figures is told with what it printed instead", () => {
  expect(() => materialisationsIn("SDK materialize v5k: 0.91 s\n")).toThrow("SDK materialize v5k");
  expect(() => joinsIn("Traceback")).toThrow("Traceback");
});
