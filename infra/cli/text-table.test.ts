import { expect, test } from "vitest";
import { textTable } from "./text-table.ts";

test("a table has words to the left, numbers to the right, and a dash for what is not known", () => {
  expect(
    textTable(
      ["table", "rows", "hash"],
      [
        ["movies", 4_803, "ab12"],
        ["people", 54_588, null],
      ],
    ),
  ).toBe(["table     rows  hash", "movies   4,803  ab12", "people  54,588  -"].join("\n"));
});

test("a table without rows is its head", () => {
  expect(textTable(["source", "rows"], [])).toBe("source  rows");
});
