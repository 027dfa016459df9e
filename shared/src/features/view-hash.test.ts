import { describe, expect, it } from "vitest";
import type { EpochDay } from "../contracts/time.ts";
import { climateView } from "./climate-view.ts";
import { competitionView } from "./competition-view.ts";
import type { FeatureInput, FeatureView } from "./feature-view.ts";
import { ALL_VIEWS } from "./film-views.ts";
import { probeInputs } from "./probe-films.ts";
import { recordViews } from "./record-views.ts";
import { textView } from "./text-view.ts";
import { hashViews } from "./view-hash.ts";

const named = (name: string): FeatureView => {
  const view = recordViews.find((candidate) => candidate.name === name);
  if (!view) throw new TypeError(`no view ${name}`);
  return view;
};
const directorView = named("director_track_record");
const withAsOf = (input: FeatureInput, days: number): FeatureInput => ({
  ...input,
  asOf: (input.asOf + days) as EpochDay,
});

describe("the identity of a view", () => {
  it.each<[string, FeatureView, (compute: FeatureView["compute"]) => FeatureView["compute"]]>([
    ["counts the day itself (< becomes <=)", directorView, (compute) => (input) => compute(withAsOf(input, 1))],
    ["counts the day itself in the climate", climateView, (compute) => (input) => compute(withAsOf(input, 1))],
    [
      "shrinks by another number of films",
      directorView,
      (compute) => (input) =>
        compute(input).map((value, i, all) => {
          const films = Math.expm1(all[0] ?? 0);
          return i === 1 ? (value * (films + 2)) / (films + 3) : value;
        }),
    ],
    [
      "looks a day less far back",
      competitionView,
      (compute) => (input) => {
        const [films = 0, ...rest] = compute(input);
        const day = input.film.releaseDay;
        const calendar = input.record("calendar:all");
        if (day === undefined || !calendar || Number.isNaN(films)) return [films, ...rest];
        const onEdge = calendar.states.some((value, i) => i % calendar.width === 0 && value === day - 28);
        return [onEdge ? films - 0.01 : films, ...rest];
      },
    ],
    ["cuts the last tenth off a text", textView, (compute) => (input) => compute({ ...input, film: shortened(input) })],
    ["says 0 where nothing is known", directorView, (compute) => (input) => compute(input).map((value) => value || 0)],
  ])("is another one where its function %s", (_what, view, change) => {
    const changed = { ...view, compute: change(view.compute) };
    expect(hashViews([changed])).not.toBe(hashViews([view]));
  });

  it("is another one where its definition is", () => {
    expect(hashViews([{ ...directorView, ttlSeconds: 1 }])).not.toBe(hashViews([directorView]));
  });

  it("stays where the function is only written in another way", () => {
    const compute: FeatureView["compute"] = (input) => {
      const answers = directorView.compute(input);
      return answers.map((value) => value * 3 * (1 / 3));
    };
    expect(hashViews([{ ...directorView, compute }])).toBe(hashViews([directorView]));
  });

  it("is looked at with films that every view has something to say of, and with some that it has not", () => {
    const inputs = probeInputs();
    for (const view of ALL_VIEWS) {
      const answers = inputs.map((input) => view.compute(input));
      view.columns.forEach(({ name }, i) => {
        const values = new Set(answers.map((answer) => answer[i]));
        expect(values.size, `${name} tells the probes apart`).toBeGreaterThan(name === "countries" ? 2 : 1);
      });
    }
  });
});

function shortened({ film }: FeatureInput): FeatureInput["film"] {
  return { ...film, overview: film.overview?.slice(0, -Math.ceil(film.overview.length / 10)) };
}
