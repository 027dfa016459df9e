import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ERRORS } from "@marquee/shared/service/errors";
import { expect, test } from "vitest";
import { parseErrorsPage } from "./errors-page.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/errors.md"), "utf8");

test("docs/errors.md is the table of shared/src/service/errors.ts, row by row", () => {
  const documented = parseErrorsPage(page).map(({ advice: _advice, ...row }) => row);
  const coded = Object.entries(ERRORS).map(([code, error]) => ({ code, ...error }));
  expect(documented).toEqual(coded);
});

test.each([
  ["compact", "| `DISK_FULL` | 507 | no | The disk is full | Make room |"],
  ["padded", "| `DISK_FULL`  | 507    | no    | The disk is full   | Make room   |"],
])("a %s row is read with its code, status, retriability, meaning and advice", (_form, row) => {
  expect(parseErrorsPage(`| Code | Status |\n|---|---|\n${row}`)).toEqual([
    { code: "DISK_FULL", statusCode: 507, retriable: false, title: "The disk is full", advice: "Make room" },
  ]);
});
