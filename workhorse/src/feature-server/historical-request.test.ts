import { describe, expect, it } from "vitest";
import { MAX_HISTORICAL_ROWS, parseHistoricalRequest } from "./historical-request.ts";

const context = { joinKey: "tmdb_id", services: { rating: ["metadata@2", "records@1"] } };
const parse = (body: object) => parseHistoricalRequest(JSON.stringify(body), context);
const entities = { tmdb_id: [603], event_timestamp: ["2024-05-01T12:00:00Z"] };

describe("a question for features as they stood", () => {
  it("keeps every column as it was given", () => {
    const given = { ...entities, label: ["a"], weight: [null] };
    expect(parse({ entities: given, features: ["metadata:runtime"] })).toEqual({
      ids: [603],
      asOf: [Date.parse("2024-05-01T12:00:00Z")],
      given,
      features: ["metadata:runtime"],
    });
  });

  it("may name a feature service", () => {
    expect(parse({ entities, feature_service: "rating" }).features).toEqual(["metadata@2", "records@1"]);
  });

  it.each([
    ["2024-05-01", "2024-05-01T00:00:00Z"],
    ["2024-05-01T12:00:00", "2024-05-01T12:00:00Z"],
    ["2024-05-01 12:00:00", "2024-05-01T12:00:00Z"],
    ["2024-05-01 12:00:00+00:00", "2024-05-01T12:00:00Z"],
    ["2024-05-01T12:00:00.250+0900", "2024-05-01T03:00:00.250Z"],
    ["2024-05-01T12:00", "2024-05-01T12:00:00Z"],
  ])("reads %s as %s", (text, moment) => {
    const [asOf] = parse({ entities: { tmdb_id: [1], event_timestamp: [text] }, features: ["metadata"] }).asOf;
    expect(asOf).toBe(Date.parse(moment));
  });

  it.each<[string, object, string]>([
    ["no join key", { entities: { event_timestamp: [] }, features: ["a"] }, "entities.tmdb_id is missing"],
    ["no moments", { entities: { tmdb_id: [1] }, features: ["a"] }, "entities.event_timestamp is missing"],
    ["a column that is no list", { entities: { ...entities, x: 1 }, features: ["a"] }, "entities.x is wrong"],
    [
      "columns of unequal length",
      { entities: { ...entities, x: [1, 2] }, features: ["a"] },
      "have: 1; given: a list of 2",
    ],
    ["lists in a column", { entities: { ...entities, x: [[1]] }, features: ["a"] }, "entities.x[0] is wrong"],
    ["an id that is text", { entities: { ...entities, tmdb_id: ["x"] }, features: ["a"] }, 'given: "x"'],
    ["a number as moment", { entities: { ...entities, event_timestamp: [1] }, features: ["a"] }, "or a day; given: 1"],
    ["no day", { entities: { ...entities, event_timestamp: ["2024-13-01"] }, features: ["a"] }, "2024-13-01"],
    ["no features", { entities }, "or feature_service"],
    ["an unknown service", { entities, feature_service: "toString" }, "There are: rating."],
    [
      "too many rows",
      { entities: { tmdb_id: Array.from({ length: MAX_HISTORICAL_ROWS + 1 }, () => 1) }, features: ["a"] },
      "up to 100000 rows",
    ],
  ])("is refused with %s, in words", (_sentence, body, message) => {
    expect(() => parse(body)).toThrow(message);
  });

  it("is refused where it is no JSON", () => {
    expect(() => parseHistoricalRequest("{", context)).toThrow(expect.objectContaining({ code: "BODY_NOT_JSON" }));
  });
});
