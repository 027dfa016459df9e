import { expect, it } from "vitest";
import type { EpochDay } from "../contracts/time.ts";
import { climateView } from "./climate-view.ts";
import { UNKNOWN_FILM } from "./film-facts.ts";

it("the climate without history is the default that its column names", () => {
  const answer = climateView.compute({ film: UNKNOWN_FILM, asOf: 15_000 as EpochDay, record: () => undefined });
  expect(answer).toEqual(climateView.columns.map((column) => column.default));
  expect(answer).toEqual([6.5]);
});
