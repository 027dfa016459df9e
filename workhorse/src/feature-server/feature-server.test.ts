import { onlineRowKey } from "@marquee/shared/features/feature-row";
import { viewKey } from "@marquee/shared/features/feature-view";
import { beforeEach, describe, expect, it } from "vitest";
import {
  CLOCK,
  confirm,
  createFeatureServerHarness,
  type FeatureServerHarness,
  HOUR_SECONDS,
  METADATA,
  NOW,
  putRows,
  RECORDS,
} from "../../test/feature-server-harness.ts";
import { MAX_ENTITIES, MAX_FEATURES } from "./feature-request.ts";

const MIDNIGHT = new Date("2026-02-01T00:00:00Z");
const LATER = new Date("2026-02-01T00:00:00.250Z");
const NO_TIME = "1970-01-01T00:00:00Z";

let server: FeatureServerHarness;

beforeEach(async () => {
  server = createFeatureServerHarness();
  await putRows(server.onlineStore, [
    { view: METADATA, id: 603, eventTime: MIDNIGHT, values: [136, 1, 0.1 + 0.2], ageSeconds: 90 },
    { view: METADATA, id: 604, eventTime: LATER, values: [Number.NaN, 0, -0], ageSeconds: 90 },
    { view: RECORDS, id: 603, eventTime: MIDNIGHT, values: [7.25], ageSeconds: 2 * HOUR_SECONDS },
  ]);
});

describe("POST /get-online-features", () => {
  it("answers in Feast's form: ids first, then each feature with status and event time of each entity", async () => {
    const features = ["metadata:runtime", "metadata:is_drama", "metadata:budget", "records:mean_rating"];
    const answer = await server.ask({ features, entities: { tmdb_id: [603, 604, 605] } });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers["content-type"]).toBe("application/json; charset=utf-8");
    const times = ["2026-02-01T00:00:00Z", "2026-02-01T00:00:00.250Z", NO_TIME];
    expect(answer.json()).toEqual({
      metadata: {
        feature_names: ["tmdb_id", "runtime", "is_drama", "budget", "mean_rating"],
        views: [
          {
            name: "metadata",
            version: 2,
            ages_seconds: [90, 90, null],
            statuses: ["PRESENT", "PRESENT", "NOT_FOUND"],
          },
          {
            name: "records",
            version: 1,
            ages_seconds: [7200, null, null],
            statuses: ["OUTSIDE_MAX_AGE", "NOT_FOUND", "NOT_FOUND"],
          },
        ],
      },
      results: [
        {
          values: [603, 604, 605],
          statuses: ["PRESENT", "PRESENT", "PRESENT"],
          event_timestamps: [NO_TIME, NO_TIME, NO_TIME],
        },
        { values: [136, null, null], statuses: ["PRESENT", "NULL_VALUE", "NOT_FOUND"], event_timestamps: times },
        { values: [true, false, null], statuses: ["PRESENT", "PRESENT", "NOT_FOUND"], event_timestamps: times },
        { values: [0.1 + 0.2, -0, null], statuses: ["PRESENT", "PRESENT", "NOT_FOUND"], event_timestamps: times },
        {
          values: [7.25, null, null],
          statuses: ["OUTSIDE_MAX_AGE", "NOT_FOUND", "NOT_FOUND"],
          event_timestamps: [times[0], NO_TIME, NO_TIME],
        },
      ],
    });
  });

  it("reads the online store once, however many views and entities are asked for", async () => {
    await server.ask({ feature_service: "rating", entities: { tmdb_id: [603, 604, 605] } });
    expect(server.reads()).toBe(1);
  });

  it.each([
    [136, "136.0"],
    [-0, "-0.0"],
    [0.1 + 0.2, "0.30000000000000004"],
    [1e20, "100000000000000000000.0"],
    [1e21, "1e+21"],
    [5e-324, "5e-324"],
    [Number.POSITIVE_INFINITY, '"Infinity"'],
    [Number.NEGATIVE_INFINITY, '"-Infinity"'],
  ])("writes %d as %s, which Python reads as the same float", async (value, text) => {
    await putRows(server.onlineStore, [{ view: RECORDS, id: 1, eventTime: MIDNIGHT, values: [value] }]);
    const { body } = await server.ask({ features: ["records:mean_rating"], entities: { tmdb_id: [1] } });
    expect(body).toContain(`"values":[${text}],"statuses":["PRESENT"]`);
  });

  it("takes a view's watermark for its values' age, and tells versions in Feast's words where asked", async () => {
    await confirm(server.onlineStore, RECORDS, 60);
    const answer = await server.ask({
      features: ["records"],
      entities: { tmdb_id: [603] },
      full_feature_names: true,
      include_feature_view_version_metadata: true,
    });
    expect(answer.json().metadata).toEqual({
      feature_names: ["tmdb_id", "records__mean_rating"],
      feature_view_metadata: [{ name: "records", version: 1 }],
      views: [{ name: "records", version: 1, ages_seconds: [60], statuses: ["PRESENT"] }],
    });
  });

  it("says that a value is stale even where it is unknown as well", async () => {
    await putRows(server.onlineStore, [
      { view: RECORDS, id: 9, eventTime: MIDNIGHT, values: [Number.NaN], ageSeconds: HOUR_SECONDS },
    ]);
    const answer = await server.ask({ features: ["records"], entities: { tmdb_id: [9] } });
    expect(answer.json().results[1]).toMatchObject({ values: [null], statuses: ["OUTSIDE_MAX_AGE"] });
  });

  it.each<[string, object | string, number, string]>([
    ["no JSON", "{", 400, "not valid JSON"],
    ["a list", [], 400, "body is wrong: accepted is an object"],
    ["neither features nor a service", { entities: { tmdb_id: [1] } }, 400, "or feature_service"],
    ["features that are no list", { features: "metadata" }, 400, "features is wrong: accepted is a list"],
    ["a service that is no name", { feature_service: 1 }, 400, "feature_service is wrong"],
    ["no entities", { features: ["metadata"] }, 400, "entities is missing"],
    ["entities of another kind", { features: ["metadata"], entities: { id: [1] } }, 400, "entities.tmdb_id is missing"],
    ["no entity", { features: ["metadata"], entities: { tmdb_id: [] } }, 400, "1 to 1000 entities"],
    ["an id that is text", { features: ["metadata"], entities: { tmdb_id: [1, "2"] } }, 400, "entities.tmdb_id[1]"],
    ["an id that is no whole number", { features: ["metadata"], entities: { tmdb_id: [1.5] } }, 400, "given: 1.5"],
    ["no id", { features: ["metadata"], entities: { tmdb_id: [null] } }, 400, "given: null"],
    [
      "too many entities",
      { features: ["metadata"], entities: { tmdb_id: Array.from({ length: MAX_ENTITIES + 1 }, (_, i) => i) } },
      400,
      "given: a list of 1001",
    ],
    [
      "too many features",
      { features: Array.from({ length: MAX_FEATURES + 1 }, (_, i) => `v:c${i}`), entities: { tmdb_id: [1] } },
      400,
      "up to 500",
    ],
    [
      "a flag that is none",
      { features: ["metadata"], entities: { tmdb_id: [1] }, full_feature_names: "yes" },
      400,
      "accepted is true or false",
    ],
    ["an unknown view", { features: ["nothing:x"], entities: { tmdb_id: [1] } }, 404, "There are: metadata, records."],
  ])("refuses %s in words", async (_sentence, body, status, detail) => {
    const answer = await server.ask(body);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers["content-type"]).toContain("application/problem+json");
    expect(answer.json().detail).toContain(detail);
  });

  it("refuses one text with two references in it, whatever was asked before", async () => {
    const entities = { tmdb_id: [603] };
    await server.ask({ features: ["metadata:runtime", "metadata:budget"], entities });
    const answer = await server.ask({ features: ["metadata:runtime\nmetadata:budget"], entities });
    expect(answer.statusCode).toBe(404);
  });

  it.each([
    ["reference", { features: [`metadata@v${"0".repeat(1_000_000)}2:runtime`] }, "features is wrong"],
    ["service", { feature_service: "x".repeat(1_000_000) }, "feature_service is wrong"],
  ])("neither keeps nor repeats a %s as long as a book", async (_sentence, body, detail) => {
    const answer = await server.ask({ ...body, entities: { tmdb_id: [603] } });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().detail).toContain(detail);
    expect(answer.body.length).toBeLessThan(1_000);
  });

  it("refuses columns of entities that are not equally long", async () => {
    const person = { name: "person", joinKey: "person_id", description: "" };
    const people = { ...RECORDS, name: "people", entity: person };
    const two = createFeatureServerHarness({ served: { views: [METADATA, people], services: [] } });
    const body = { features: ["metadata:runtime", "people"], entities: { tmdb_id: [1, 2], person_id: [1] } };
    expect((await two.ask(body)).json().detail).toContain("entities.person_id is wrong: accepted are as many values");
  });

  it("names the view whose stored row does not fit it in the log, and tells nobody its bytes", async () => {
    const entry = { value: new Uint8Array(3), materializedAt: NOW, ttlSeconds: 60 };
    await server.onlineStore.write([{ ...onlineRowKey(METADATA, 5), ...entry }]);
    const answer = await server.ask({ features: ["metadata"], entities: { tmdb_id: [5] } });
    expect(answer.json()).toMatchObject({ status: 500, code: "FEATURE_ROW_INVALID" });
  });

  it("asks for the token where one is set", async () => {
    const guarded = createFeatureServerHarness({ token: "secret" });
    const body = { features: ["metadata"], entities: { tmdb_id: [1] } };
    expect((await guarded.ask(body)).statusCode).toBe(401);
    expect((await guarded.ask(body, { authorization: "Bearer wrong" })).statusCode).toBe(401);
    expect((await guarded.ask(body, { authorization: "Bearer secret" })).statusCode).toBe(200);
    expect((await guarded.http.inject("/feature-views")).statusCode).toBe(401);
    expect((await guarded.http.inject("/health")).statusCode).toBe(200);
  });
});

describe("what there is", () => {
  it("is told with each view's definition and up to when it is right", async () => {
    await confirm(server.onlineStore, METADATA, 0);
    const { views } = (await server.http.inject("/feature-views")).json();
    expect(views).toHaveLength(2);
    expect(views[0]).toMatchObject({ name: "metadata", version: 2, ttlSeconds: 93_600 });
    expect(views[0].columns[1]).toEqual({ name: "is_drama", type: "bool", default: null });
    expect(views[0].watermark).toEqual({ at: NOW.toISOString(), source: "dataset" });
    expect(views[1].watermark).toBeUndefined();
  });

  it("is told with each service's views and columns", async () => {
    const { services } = (await server.http.inject("/feature-services")).json();
    const columns = ["runtime", "is_drama", "budget", "mean_rating"];
    expect(services).toEqual([{ name: "rating", views: ["metadata@2", "records@1"], columns }]);
  });
});

describe("the feature server's figures", () => {
  it("count entities by view and outcome, and tell each view's age", async () => {
    await confirm(server.onlineStore, METADATA, 120);
    await server.ask({ feature_service: "rating", entities: { tmdb_id: [603, 604, 605] } });
    const { body } = await server.http.inject("/metrics");
    const value = (series: string) =>
      Number(
        body
          .split("\n")
          .find((line) => line.startsWith(series))
          ?.split(" ")
          .at(-1),
      );
    const lookups = (view: string, outcome: string) =>
      value(`marquee_feature_lookups_total{view="${view}",outcome="${outcome}"`);
    expect(["present", "null", "stale", "missing"].map((outcome) => lookups("metadata@2", outcome))).toEqual([
      1, 1, 0, 1,
    ]);
    expect(["present", "null", "stale", "missing"].map((outcome) => lookups("records@1", outcome))).toEqual([
      0, 0, 1, 2,
    ]);
    expect(value('marquee_feature_view_age_seconds{view="metadata@2"')).toBe(120);
    expect(body).not.toContain('marquee_feature_view_age_seconds{view="records@1"');
    expect(value("marquee_feature_read_duration_seconds_count")).toBe(1);
  });
});

describe("/ready", () => {
  it.each([
    ["ready with every view fresh", 60, 60, "ready", undefined],
    ["degraded with a stale view", 60, HOUR_SECONDS, "degraded", "Older than their time to live: records@1."],
    ["degraded before a view was ever materialised", 60, undefined, "degraded", "Never materialised: records@1."],
  ])("is %s", async (_sentence, metadataAge, recordsAge, status, problem) => {
    await confirm(server.onlineStore, METADATA, metadataAge);
    if (recordsAge !== undefined) await confirm(server.onlineStore, RECORDS, recordsAge);
    const ready = await server.http.inject("/ready");
    expect(ready.json().status).toBe(status);
    expect(ready.json().checks.find(({ name }: { name: string }) => name === "features").problem).toBe(problem);
  });

  it("is not ready without the online store, and lookups say so", async () => {
    const away = () => Promise.reject(new TypeError(`${viewKey(METADATA)} is away`));
    const onlineStore = { ...server.onlineStore, read: away, watermarks: away };
    const alone = createFeatureServerHarness({ onlineStore, clock: CLOCK });
    expect((await alone.http.inject("/ready")).statusCode).toBe(503);
    expect((await alone.ask({ features: ["metadata"], entities: { tmdb_id: [1] } })).statusCode).toBe(500);
    expect((await alone.http.inject("/metrics")).statusCode).toBe(200);
  });
});
