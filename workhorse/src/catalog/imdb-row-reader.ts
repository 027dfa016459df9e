import type { TsvRow } from "../sources/imdb-tsv.ts";
import type { LineProblem } from "./imdb-refused-lines.ts";

/** PostgreSQL's `integer` holds no more. */
const MAX_INTEGER = 2_147_483_647;

/**
 * Reads one line's fields as what they are to be, and keeps the first problem that it meets: a line is read to its end
 * either way, and taken where `problem` is undefined.
 */
export interface RowReader {
  readonly problem: LineProblem | undefined;
  /** The number of `tt0133093`. */
  title(column: string): number;
  /** The number of `nm0000206`. */
  person(column: string): number;
  /** The numbers of `nm0905154,nm0905152`; none for \N. */
  people(column: string): number[];
  text(column: string): string;
  optionalText(column: string): string | null;
  integer(column: string): number;
  optionalInteger(column: string): number | null;
  /** 0 or 1, where \N is 0; as PostgreSQL writes a boolean. */
  flag(column: string): "t" | "f";
  /** `Action,Crime` as PostgreSQL writes an array of texts; null for \N. */
  list(column: string): string | null;
}

/** @param columns names of the row's fields, in their order */
export function createRowReader(columns: readonly string[], row: TsvRow): RowReader {
  let problem: LineProblem | undefined;
  const fieldOf = (column: string) => row[columns.indexOf(column)] ?? null;
  function refuse(column: string, value: string | null, what: string): void {
    problem ??= { column, kind: value === null ? "null" : "form", detail: `${column} ${what}` };
  }
  function idNumber(column: string, value: string | null, form: RegExp, what: string): number {
    const number = value !== null && form.test(value) ? Number(value.slice(2)) : Number.NaN;
    if (number <= MAX_INTEGER) return number;
    refuse(column, value, what);
    return 0;
  }
  function optionalInteger(column: string): number | null {
    const value = fieldOf(column);
    if (value === null) return null;
    if (/^\d{1,10}$/.test(value) && Number(value) <= MAX_INTEGER) return Number(value);
    refuse(column, value, "is no whole number");
    return null;
  }
  const person = (column: string, value: string | null) =>
    idNumber(column, value, /^nm\d{7,10}$/, "is no id of a person");
  return {
    get problem() {
      return problem;
    },
    title: (column) => idNumber(column, fieldOf(column), /^tt\d{7,10}$/, "is no id of a title"),
    person: (column) => person(column, fieldOf(column)),
    people: (column) =>
      fieldOf(column)
        ?.split(",")
        .map((id) => person(column, id)) ?? [],
    text: (column) => {
      const value = fieldOf(column);
      if (value === null || value === "") refuse(column, value, "is missing");
      return value ?? "";
    },
    optionalText: fieldOf,
    integer: (column) => {
      const value = optionalInteger(column);
      if (value === null) refuse(column, fieldOf(column), "is missing");
      return value ?? 0;
    },
    optionalInteger,
    flag: (column) => {
      const value = fieldOf(column) ?? "0";
      if (value !== "0" && value !== "1") refuse(column, value, "is neither 0 nor 1");
      return value === "1" ? "t" : "f";
    },
    list: (column) => {
      const items = fieldOf(column)?.split(",");
      return items === undefined ? null : `{${items.map(arrayItem).join(",")}}`;
    },
  };
}

/** https://www.postgresql.org/docs/current/arrays.html, Array Input and Output Syntax. */
function arrayItem(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
