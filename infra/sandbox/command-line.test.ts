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
  });
});

test("every option is taken", () => {
  const words = "--data films --port 0 --host 0.0.0.0 --key secret --rate-limit 40".split(" ");
  expect(parseCommandLine(words)).toMatchObject({
    data: "films",
    port: 0,
    host: "0.0.0.0",
    key: "secret",
    requestsPerSecond: 40,
  });
});

describe("a wrong call is told in one line", () => {
  const rows = [
    { words: ["--port", "99999"], says: '--port accepts a whole number from 0 to 65535, not "99999".' },
    { words: ["--port", "http"], says: '--port accepts a whole number from 0 to 65535, not "http".' },
    { words: ["--rate-limit", "0"], says: '--rate-limit accepts a whole number from 1 to 100000, not "0".' },
    { words: ["--key", ""], says: "--key must not be empty." },
    { words: ["--prot", "1"], says: "Unknown option '--prot'. --help lists the options." },
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
