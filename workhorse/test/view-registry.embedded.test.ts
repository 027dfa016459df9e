import { FILM } from "@marquee/shared/features/entities";
import type { FeatureColumn, FeatureView } from "@marquee/shared/features/feature-view";
import { ALL_VIEWS } from "@marquee/shared/features/film-views";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { listViews, registerViews, viewHistory } from "../src/feature-store/view-registry.ts";

const KIM = { at: new Date("2026-11-20T05:00:00Z"), by: "kim@laptop", release: "1.0.0" };
const LEE = { at: new Date("2026-11-21T05:00:00Z"), by: "lee@server", release: "1.1.0" };

const runtime: FeatureColumn = {
  name: "runtime_minutes",
  type: "float64",
  default: Number.NaN,
  unit: "minutes",
  group: "runtime",
  description: "Running time",
  knownWhen: "announced",
};
const view = (changes: Partial<FeatureView> = {}): FeatureView => ({
  name: "film_runtime",
  version: 1,
  entity: FILM,
  owner: "kim",
  description: "How long a film is",
  eventTime: "Its release",
  source: ["movies"],
  ttlSeconds: 3600,
  columns: [runtime],
  compute: ({ film }) => [film.runtimeMinutes ?? Number.NaN],
  ...changes,
});

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(() => database.execute("delete from feature_views"));
afterAll(() => database.close());

describe("the registry of views", () => {
  it("keeps every version with its hash, its definition, who registered it, when, and by which release", async () => {
    await registerViews(database, [view()], KIM);
    await registerViews(database, [view({ version: 2, ttlSeconds: 60 })], LEE);
    const history = await viewHistory(database, "film_runtime");
    expect(history).toMatchObject([
      {
        version: 1,
        registeredAt: KIM.at,
        registeredBy: "kim@laptop",
        release: "1.0.0",
        definition: { ttlSeconds: 3600 },
      },
      {
        version: 2,
        registeredAt: LEE.at,
        registeredBy: "lee@server",
        release: "1.1.0",
        definition: { ttlSeconds: 60 },
      },
    ]);
    expect(new Set(history.map(({ hash }) => hash)).size).toBe(2);
    const answers = expect.stringMatching(/^[0-9a-f]{16}$/);
    expect(history[0]?.definition.columns).toEqual([{ ...runtime, default: null, answers }]);
  });

  it("takes all views of this release, and is as it was when they come again", async () => {
    await registerViews(database, ALL_VIEWS, KIM);
    const first = await listViews(database);
    await registerViews(database, ALL_VIEWS, LEE);
    expect(await listViews(database)).toEqual(first);
    expect(first.map(({ name }) => name)).toEqual(ALL_VIEWS.map(({ name }) => name).sort());
  });

  it("lets an older release run beside a newer one", async () => {
    await registerViews(database, [view()], KIM);
    await registerViews(database, [view({ version: 2, ttlSeconds: 60 })], LEE);
    await registerViews(database, [view()], KIM);
    expect(await viewHistory(database, "film_runtime")).toHaveLength(2);
  });

  it("refuses changes without a new version, names all of them, and registers nothing of that release", async () => {
    const other = view({ name: "film_length" });
    await registerViews(database, [view(), other], KIM);
    const changed = [
      view({ columns: [{ ...runtime, unit: "hours" }] }),
      { ...other, ttlSeconds: 60 },
      view({ name: "film_pace" }),
    ];
    await expect(registerViews(database, changed, LEE)).rejects.toMatchObject({
      code: "FEATURE_VIEW_CHANGED",
      message: [
        "The feature view film_runtime changed and is still version 1: column runtime_minutes: unit was minutes, is hours. Give it version 2.",
        "The feature view film_length changed and is still version 1: ttlSeconds was 3600, is 60. Give it version 2.",
      ].join("\n"),
    });
    expect((await listViews(database)).map(({ name }) => name)).toEqual(["film_length", "film_runtime"]);
  });

  it("refuses a function that answers otherwise", async () => {
    await registerViews(database, [view()], KIM);
    const hours = view({ compute: ({ film }) => [(film.runtimeMinutes ?? Number.NaN) / 60] });
    await expect(registerViews(database, [hours], LEE)).rejects.toThrow(
      "is still version 1: column runtime_minutes: the function answers otherwise. Give it version 2.",
    );
  });

  it("is made once by processes that start at once", async () => {
    await Promise.all(Array.from({ length: 6 }, () => registerViews(database, [view()], KIM)));
    expect(await viewHistory(database, "film_runtime")).toHaveLength(1);
    const two = [view({ version: 2, ttlSeconds: 60 }), view({ version: 2, ttlSeconds: 30 })];
    const outcomes = await Promise.allSettled(two.map((one) => registerViews(database, [one], LEE)));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await viewHistory(database, "film_runtime")).toHaveLength(2);
  });
});
