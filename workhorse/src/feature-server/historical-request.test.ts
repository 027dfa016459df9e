import { describe, expect, it } from "vitest";
import { MAX_HISTORICAL_COLUMNS, MAX_HISTORICAL_ROWS, parseHistoricalRequest } from "./historical-request.ts";

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
    [
      "a day that is none",
      { entities: { ...entities, event_timestamp: ["2023-02-29"] }, features: ["a"] },
      "2023-02-29",
    ],
    ["a negative id", { entities: { ...entities, tmdb_id: [-1] }, features: ["a"] }, "from 0 to 2147483647; given: -1"],
    [
      "an id that no dataset can hold",
      { entities: { ...entities, tmdb_id: [2 ** 31] }, features: ["a"] },
      "tmdb_id[0]",
    ],
    [
      "a number that JSON has rounded",
      { entities: { ...entities, x: [2 ** 53] }, features: ["a"] },
      "entities.x[0] is wrong",
    ],
    ["a nameless column", { entities: { ...entities, "": [1] }, features: ["a"] }, "1 to 200 characters"],
    ["a zero byte in a name", { entities: { ...entities, "a\0": [1] }, features: ["a"] }, "1 to 200 characters"],
    ["a column of the join's own", { entities: { ...entities, __moment: [1] }, features: ["a"] }, "beginning with __"],
    ["names that differ by letter case", { entities: { ...entities, x: [1], X: [1] }, features: ["a"] }, 'given: "X"'],
    ["full names", { entities, features: ["a"], full_feature_names: true }, "accepted is false"],
    [
      "too many columns",
      {
        entities: Object.fromEntries(Array.from({ length: MAX_HISTORICAL_COLUMNS + 1 }, (_, i) => [`c${i}`, [1]])),
        features: ["a"],
      },
      "up to 200 columns",
    ],
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

  it("is refused where a number is beyond what a double holds", () => {
    const body = '{"entities":{"tmdb_id":[1],"event_timestamp":["2024-05-01"],"x":[1e400]},"features":["a"]}';
    expect(() => parseHistoricalRequest(body, context)).toThrow("given: Infinity");
  });

  it.each([
    ["objects", '{"35":0}'],
    ["lists", "[]"],
    ["objects behind texts that hide them", '"\\"","a\\\\",{}'],
  ])("is refused before it is unfolded with a thousand %s inside", (_sentence, value) => {
    const body = `{"entities":{"tmdb_id":[${Array(1_000).fill(value).join()}]},"features":["a"]}`;
    expect(() => parseHistoricalRequest(body, context)).toThrow("body is wrong: accepted are up to 1000 lists");
  });

  it("may have brackets in its texts", () => {
    const note = '"{['.repeat(1_000);
    expect(parse({ entities: { ...entities, note: [note] }, features: ["a"] }).given.note).toEqual([note]);
  });

  it("is refused where it is no JSON", () => {
    expect(() => parseHistoricalRequest("{", context)).toThrow(expect.objectContaining({ code: "BODY_NOT_JSON" }));
  });
});
