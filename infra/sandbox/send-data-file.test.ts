import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { isUnchanged } from "./send-data-file.ts";

describe("a file is not sent again", () => {
  const state = {
    bytes: 1,
    etag: '"abc"',
    lastModified: new Date("2017-10-29T00:00:00.500Z"),
    open: () => Readable.from([]),
  };
  const rows = [
    { says: "without conditions it is", headers: {}, unchanged: false },
    { says: "when its tag is known", headers: { "if-none-match": '"abc"' }, unchanged: true },
    {
      says: "when its tag is one of several, weak or not",
      headers: { "if-none-match": '"x", W/"abc"' },
      unchanged: true,
    },
    { says: "when any will do", headers: { "if-none-match": "*" }, unchanged: true },
    { says: "with another tag it is", headers: { "if-none-match": '"x"' }, unchanged: false },
    {
      says: "when it is not newer than the date, whole seconds counted",
      headers: { "if-modified-since": "Sun, 29 Oct 2017 00:00:00 GMT" },
      unchanged: true,
    },
    {
      says: "when it is newer it is",
      headers: { "if-modified-since": "Sat, 28 Oct 2017 23:59:59 GMT" },
      unchanged: false,
    },
    { says: "a date that is none does not count", headers: { "if-modified-since": "yesterday" }, unchanged: false },
    {
      says: "the tag counts before the date",
      headers: { "if-none-match": '"x"', "if-modified-since": "Sun, 29 Oct 2017 00:00:00 GMT" },
      unchanged: false,
    },
  ];
  test.each(rows)("$says", ({ headers, unchanged }) => {
    expect(isUnchanged(headers, state)).toBe(unchanged);
  });
});
