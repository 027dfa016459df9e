import pg from "pg";

const { types } = pg;
type Parser = (text: string) => unknown;

/** Digits that a double holds of any decimal number (IEEE 754: 15.95). */
const EXACT_DIGITS = 15;

/** Object ids of PostgreSQL's types (pg_type.dat) that pg would read otherwise, or leave as text. */
const BIGINT = 20;
const NUMERIC = 1700;
const DATE = 1082;
const BIGINT_ARRAY = 1016;
const DATE_ARRAY = 1182;
const TEXT_ARRAY = 1009;

/** A `bigint` as a number where a number holds it exactly, else as its digits. */
export function parseBigint(text: string): number | string {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : text;
}

/** A `numeric` as a number where a number holds all its digits, else as text. NaN and the infinities are numbers. */
export function parseNumeric(text: string): number | string {
  const digits = text.replace(/^-?0*\.?0*/, "").replace(".", "");
  return /^\d+$/.test(digits) && digits.length > EXACT_DIGITS ? text : Number(text);
}

/** pg's own reader of text arrays, with `parse` for each element; NULL stays null. */
function arrayOf(parse: Parser): Parser {
  const split = types.getTypeParser(TEXT_ARRAY as never) as (text: string) => (string | null)[];
  return (text) => split(text).map((element) => (element === null ? null : parse(element)));
}

const asText: Parser = (text) => text;

const PARSERS = new Map<number, Parser>([
  [BIGINT, parseBigint],
  [NUMERIC, parseNumeric],
  // A day has no time zone, so it stays YYYY-MM-DD; pg would make it a moment of the machine's zone.
  [DATE, asText],
  [BIGINT_ARRAY, arrayOf(parseBigint)],
  [DATE_ARRAY, arrayOf(asText)],
]);

/** How a pool reads values; pg's defaults for every type not named above. Given per pool, so nothing global changes. */
export const valueParsers = {
  getTypeParser: ((oid: number, format?: "text" | "binary") =>
    (format !== "binary" ? PARSERS.get(oid) : undefined) ??
    types.getTypeParser(oid, format as "text")) as typeof types.getTypeParser,
};
