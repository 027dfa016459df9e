import type { Entity, ViewSchema } from "@marquee/shared/features/feature-view";
import { describe, expect, it } from "vitest";
import { createPlanner, type FeaturePlan } from "./feature-plan.ts";
import { type FeatureChoice, MAX_FEATURES } from "./feature-request.ts";

const FILM: Entity = { name: "film", joinKey: "tmdb_id", description: "" };
const PERSON: Entity = { name: "person", joinKey: "person_id", description: "" };

function view(name: string, version: number, columns: readonly string[], entity = FILM): ViewSchema {
  const column = (column: string) => ({ name: column, type: "float64" as const, default: Number.NaN });
  return { name, version, entity, ttlSeconds: 60, columns: columns.map(column) };
}

const metadata1 = view("metadata", 1, ["year"]);
const metadata2 = view("metadata", 2, ["year", "minutes"]);
const people = view("people", 1, ["films", "age"], PERSON);
const wide = view(
  "wide",
  1,
  Array.from({ length: MAX_FEATURES + 1 }, (_, i) => `c${i}`),
);
const served = {
  views: [metadata1, metadata2, people, wide],
  services: [{ name: "rating", views: [metadata2, people] }],
};

const choice = (...features: string[]): FeatureChoice => ({ features, service: undefined, fullNames: false });
const viewsOf = ({ views }: FeaturePlan) =>
  views.map(({ schema, columns }) => `${schema.name}@${schema.version} ${columns.map(({ index }) => index)}`);

describe("the plan of a question", () => {
  it.each<[string, FeatureChoice, string[], string[]]>([
    ["one column", choice("metadata:minutes"), ["tmdb_id", "minutes"], ["metadata@2 1"]],
    ["the newest version of a view", choice("metadata:year"), ["tmdb_id", "year"], ["metadata@2 0"]],
    ["the newest version by that name", choice("metadata@latest:year"), ["tmdb_id", "year"], ["metadata@2 0"]],
    ["an older version", choice("metadata@v1:year"), ["tmdb_id", "year"], ["metadata@1 0"]],
    ["a whole view", choice("metadata"), ["tmdb_id", "year", "minutes"], ["metadata@2 0,1"]],
    [
      "columns of a view together, in the order of the views",
      choice("metadata:minutes", "people:age", "metadata:year"),
      ["tmdb_id", "person_id", "minutes", "year", "age"],
      ["metadata@2 1,0", "people@1 1"],
    ],
    [
      "full names, which tell two versions apart",
      { ...choice("metadata@v1:year", "metadata:year"), fullNames: true },
      ["tmdb_id", "metadata@v1__year", "metadata__year"],
      ["metadata@1 0", "metadata@2 0"],
    ],
    [
      "a feature service, whatever features are named beside it",
      { features: ["people:films"], service: "rating", fullNames: false },
      ["tmdb_id", "person_id", "year", "minutes", "films", "age"],
      ["metadata@2 0,1", "people@1 0,1"],
    ],
  ])("for %s", (_sentence, asked, names, views) => {
    const plan = createPlanner(served)(asked);
    expect(plan.names).toEqual(names);
    expect(viewsOf(plan)).toEqual(views);
  });

  it("is made once", () => {
    const planOf = createPlanner(served);
    expect(planOf(choice("metadata:year", "people:age"))).toBe(planOf(choice("metadata:year", "people:age")));
    expect(planOf(choice("metadata:year"))).not.toBe(planOf({ ...choice("metadata:year"), fullNames: true }));
  });

  it.each<[string, FeatureChoice, string, string]>([
    [
      "a view",
      choice("metadat:year"),
      "FEATURE_UNKNOWN",
      'no feature view "metadat". There are: metadata, people, wide.',
    ],
    ["a version", choice("metadata@v3:year"), "FEATURE_UNKNOWN", "There are: metadata@v2, metadata@v1."],
    ["what is no version", choice("metadata@two:year"), "FEATURE_UNKNOWN", 'no feature view "metadata@two"'],
    ["a column", choice("metadata:runtime"), "FEATURE_UNKNOWN", '"runtime" in metadata. There are: year, minutes.'],
    [
      "a service",
      { ...choice(), service: "ranking" },
      "FEATURE_UNKNOWN",
      'no feature service "ranking". There are: rating.',
    ],
    ["a column twice", choice("metadata:year", "metadata:year"), "REQUEST_INVALID", "year is in the answer twice"],
    ["two versions without full names", choice("metadata@v1:year", "metadata:year"), "REQUEST_INVALID", "twice"],
    ["too many columns", choice("wide"), "REQUEST_INVALID", `up to ${MAX_FEATURES}`],
  ])("refuses %s, and says what there is", (_sentence, asked, code, message) => {
    expect(() => createPlanner(served)(asked)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});
