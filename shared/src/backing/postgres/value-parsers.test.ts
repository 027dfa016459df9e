import { expect, it } from "vitest";
import { parseBigint, parseNumeric } from "./value-parsers.ts";

it.each([
  ["0", 0],
  ["-42", -42],
  ["9007199254740991", 9_007_199_254_740_991],
  ["9007199254740993", "9007199254740993"],
  ["-9223372036854775808", "-9223372036854775808"],
])("reads the bigint %s as %s: a number only where it is exact", (text, value) => {
  expect(parseBigint(text)).toBe(value);
});

it.each([
  ["7.125", 7.125],
  ["-0.001", -0.001],
  ["0.000000000000000000001", 1e-21],
  ["1000.00", 1000],
  ["123456789012345", 123_456_789_012_345],
  ["0.1234567890123456789", "0.1234567890123456789"],
  ["9999999999999999.99", "9999999999999999.99"],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
])("reads the numeric %s as %s: a number only where it is exact", (text, value) => {
  expect(parseNumeric(text)).toBe(value);
});
