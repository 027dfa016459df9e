import { describe, expect, it } from "vitest";
import { exportUrlBeside } from "./source-clients.ts";

describe("TMDB's files of ids", () => {
  it.each([
    ["https://api.themoviedb.org/3", "http://files.tmdb.org/p/exports", "TMDB's own"],
    ["http://127.0.0.1:8090/3", "http://127.0.0.1:8090/p/exports", "those of a stand-in, never another's ids"],
  ])("beside %s are at %s: %s", (baseUrl, expected, _why) => {
    expect(exportUrlBeside(baseUrl)).toBe(expected);
  });
});
