import { describe, expect, test } from "vitest";
import { MarqueeError } from "../service/errors.ts";
import { problemOf, problemSchema } from "./problem.ts";

const SECRET = "The database at 10.0.0.7:5432/marquee cannot be reached.";

describe("a stranger is told", () => {
  test.each([
    [
      "what was wrong with the request",
      "REQUEST_INVALID",
      "movie.budget must be at least 0.",
      "movie.budget must be at least 0.",
    ],
    ["that we are not ready, and why", "NO_CHAMPION", "None was trained.", "None was trained."],
    [
      "to try again, not which of our servers is away",
      "DATABASE_UNAVAILABLE",
      SECRET,
      "Try again shortly. The log has the reason under this request id.",
    ],
    ["nothing of what broke", "INTERNAL", SECRET, "The log has the reason under this request id."],
  ] as const)("%s", (_sentence, code, message, detail) => {
    expect(problemSchema.parse(problemOf(new MarqueeError(code, message), "req-1"))).toMatchObject({
      code,
      detail,
      requestId: "req-1",
      type: `urn:marquee:problem:${code.toLowerCase().replaceAll("_", "-")}`,
    });
  });
});

test("the fields that were refused are named", () => {
  const errors = [{ path: "movie.budget", message: "must be at least 0; given: -1" }];
  expect(problemOf(new MarqueeError("REQUEST_INVALID", "x", { details: { errors } }))).toMatchObject({ errors });
});
