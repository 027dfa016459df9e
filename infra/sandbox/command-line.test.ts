import { isMarqueeError } from "@marquee/shared/service/errors";
import { describe, expect, test } from "vitest";
import { parseCommandLine } from "./command-line.ts";

test("without options it is the sample on 127.0.0.1:8090 with the key sandbox and no limit", () => {
  expect(parseCommandLine([])).toEqual({
    help: false,
    data: undefined,
    port: 8090,
    host: "127.0.0.1",
    key: "sandbox",
    requestsPerSecond: undefined,
    control: false,
    start: undefined,
  });
});

test("every option is taken", () => {
  const words = "--data films --port 0 --host 0.0.0.0 --key secret --rate-limit 40 --control".split(" ");
  expect(parseCommandLine(words)).toMatchObject({
    data: "films",
    port: 0,
    host: "0.0.0.0",
    key: "secret",
    requestsPerSecond: 40,
    control: true,
  });
});

test("a date is taken, with what is announced, when ratings come and how they shift", () => {
  const words = "--as-of 2012-01-01 --announced-days 180 --rated-after-days 30 --shift -1.0 --shift-from 2012-06-01";
  expect(parseCommandLine(words.split(" ")).start).toEqual({
    asOf: "2012-01-01",
    announcedDays: 180,
    ratedAfterDays: 30,
    shift: { from: "2012-06-01", by: -1 },
  });
  expect(parseCommandLine(["--as-of", "2012-01-01"]).start).toEqual({
    asOf: "2012-01-01",
    announcedDays: 0,
    ratedAfterDays: 0,
    shift: undefined,
  });
});

describe("a wrong call is told in one line", () => {
  const rows = [
    { words: ["--port", "99999"], says: '--port accepts a whole number from 0 to 65535, not "99999".' },
    { words: ["--port", "http"], says: '--port accepts a whole number from 0 to 65535, not "http".' },
    { words: ["--rate-limit", "0"], says: '--rate-limit accepts a whole number from 1 to 100000, not "0".' },
    { words: ["--key", ""], says: "--key must not be empty." },
    { words: ["--prot", "1"], says: "Unknown option '--prot'. --help lists the options." },
    { words: ["--as-of", "2012-02-30"], says: '--as-of accepts a day as YYYY-MM-DD, not "2012-02-30".' },
    { words: ["--announced-days", "9"], says: "--announced-days needs --as-of." },
    { words: ["--shift", "-1"], says: "--shift needs --as-of." },
    { words: ["--as-of", "2012-01-01", "--shift", "-1"], says: "--shift and --shift-from need each other." },
    {
      words: ["--as-of", "2012-01-01", "--shift", "-10", "--shift-from", "2012-01-01"],
      says: '--shift accepts a number from -9 to 9, not "-10".',
    },
    { words: ["films"], says: "--help lists the options." },
  ];
  test.each(rows)("$words", ({ words, says }) => {
    expect(messageFor(words)).toContain(says);
  });
});

function messageFor(words: string[]): string {
  try {
    parseCommandLine(words);
    return "";
  } catch (error) {
    return isMarqueeError(error, "USAGE") ? error.message : `not a usage error: ${String(error)}`;
  }
}
