import { describe, expect, it } from "vitest";
import type { EpochDay } from "../contracts/time.ts";
import { createFeatureService } from "./feature-service.ts";
import type { FeatureInput } from "./feature-view.ts";
import { type LaterFacts, UNKNOWN_FILM } from "./film-facts.ts";
import { ALL_VIEWS, RATING_VIEWS } from "./film-views.ts";
import { keywordsView, outcomeView } from "./later-views.ts";
import { probeInputs } from "./probe-films.ts";

const input = (later?: LaterFacts): FeatureInput => ({
  ...{ film: UNKNOWN_FILM, asOf: 0 as EpochDay, record: () => undefined },
  ...(later ? { later } : {}),
});

describe("what is known only after release", () => {
  it("is marked in every column, and refused where a model would read it", () => {
    for (const view of [keywordsView, outcomeView]) {
      expect(view.columns.every(({ knownWhen }) => knownWhen === "after_release")).toBe(true);
      expect(ALL_VIEWS).toContain(view);
      expect(() => createFeatureService("mine", [view])).toThrow(
        expect.objectContaining({ code: "FEATURE_NOT_ALLOWED" }),
      );
    }
  });

  it("is nothing that a view of the model looks at", () => {
    for (const probe of probeInputs()) {
      const { later: _later, ...without } = probe;
      for (const view of RATING_VIEWS) expect(view.compute(probe)).toEqual(view.compute(without));
    }
  });

  it("are keywords, rating, votes and revenue", () => {
    const later = { observed: { rating: 7.5, votes: 60 }, keywords: ["murder", "heist"], revenueUsd: 1_000 };
    expect(outcomeView.compute(input(later))).toEqual([7.5, 60, 3]);
    const keywords = keywordsView.compute(input(later));
    const at = (name: string) => keywords[keywordsView.columns.findIndex((column) => column.name === name)];
    expect([at("keywords"), at("keyword_murder"), at("keyword_woman_director")]).toEqual([Math.log1p(2), 1, 0]);
  });

  it("is unknown where nothing was told", () => {
    for (const view of [keywordsView, outcomeView]) expect(view.compute(input()).every(Number.isNaN)).toBe(true);
  });
});
