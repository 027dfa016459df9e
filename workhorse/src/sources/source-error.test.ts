import { AxiosError } from "axios";
import { describe, expect, it } from "vitest";
import { noAnswer, refusal, retryAfterSeconds } from "./source-error.ts";

const now = new Date("2026-01-01T00:00:00Z");
const tmdb = { name: "TMDB", keyAdvice: "Get a key." };

describe("a source's refusal", () => {
  it.each([
    [401, "SOURCE_KEY_REFUSED", false, "a wrong key: trying again is no help"],
    [404, "SOURCE_NOT_FOUND", false, "a deleted film"],
    [429, "SOURCE_RATE_LIMITED", true, "too many requests: later"],
    [500, "SOURCE_UNAVAILABLE", true, "its own fault: later"],
    [503, "SOURCE_UNAVAILABLE", true, "under maintenance: later"],
    [400, "SOURCE_REFUSED", false, "our fault"],
  ] as const)("%i is %s (retriable: %s): %s", (status, code, retriable, _why) => {
    const error = refusal(tmdb, "/movie/1?", { status, body: '{"status_code":7,"status_message":"Said so."}' }, now);
    expect(error).toMatchObject({ code, retriable });
    expect(error.message).toContain(`TMDB answered ${status} to /movie/1?: Said so.`);
  });

  it("tells how to get a key when the key is refused", () => {
    expect(refusal(tmdb, "/x", { status: 401, body: "" }, now).message).toContain("Get a key.");
  });

  it("tells the first words of an error page", () => {
    expect(refusal(tmdb, "/x", { status: 502, body: "<html>\n  Bad   gateway</html>" }, now).message).toContain(
      "<html> Bad gateway</html>",
    );
  });

  it.each([
    ["120", 120, "seconds"],
    ["Thu, 01 Jan 2026 00:00:30 GMT", 30, "a date"],
    ["Thu, 01 Jan 2015 00:00:30 GMT", 0, "a date that has passed"],
    ["soon", undefined, "neither"],
    [undefined, undefined, "nothing"],
  ])("Retry-After %j is %j: %s", (header, expected, _why) => {
    expect(retryAfterSeconds(header, now)).toBe(expected);
  });
});

describe("a source that does not answer", () => {
  it.each([
    [tmdb, "TMDB_BASE_URL"],
    [{ ...tmdb, addressSetting: "TMDB_EXPORT_URL" }, "TMDB_EXPORT_URL"],
  ])("is told with the setting that has its address (%#)", (source, setting) => {
    expect(noAnswer(source, "/movie/1?", new AxiosError("refused", "ECONNREFUSED"))).toMatchObject({
      code: "SOURCE_UNAVAILABLE",
      message: expect.stringContaining(`Check the network and ${setting}.`),
    });
  });
});
