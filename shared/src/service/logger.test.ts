import { describe, expect, it } from "vitest";
import { createLogger } from "./logger.ts";

function logged(fields: object): Record<string, unknown> {
  const lines: string[] = [];
  createLogger("test", "info", { write: (line) => lines.push(line) }).warn(fields, "something failed");
  return JSON.parse(lines.join(""));
}

describe("a log line about what was thrown", () => {
  it.each([
    ["a text", "no answer within 2000 ms", { type: "string", message: "no answer within 2000 ms" }],
    ["nothing", null, { type: "object", message: "null" }],
    ["a number", 5, { type: "number", message: "5" }],
    ["a text with a password", "postgres://me:secret@host is away", { message: "postgres://me:***@host is away" }],
    ["an error", new RangeError("too far"), { type: "RangeError", message: "too far" }],
  ])("is written whatever it was: %s", (_what, thrown, err) => {
    expect(logged({ err: thrown })).toMatchObject({ msg: "something failed", err });
  });
});
