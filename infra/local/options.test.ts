import { describe, expect, it } from "vitest";
import { localSettings } from "./env.ts";
import { HELP } from "./help.ts";
import { readOptions } from "./options.ts";
import { chooseProfile } from "./profile.ts";

const folder = "/nonexistent";
const read = (args: string[], variables: Record<string, string> = {}) => {
  const options = readOptions(args, { folder, variables });
  if (options === "help") throw new TypeError("only help was asked for");
  return options;
};

describe("npm start's options", () => {
  it("have defaults for everything", () => {
    expect(read([])).toMatchObject({
      PORT: 8080,
      HOST: "127.0.0.1",
      MARQUEE_ENV: "local",
      showSourceRatings: true,
      dataFolder: undefined,
    });
  });

  it("let a flag win over the environment", () => {
    expect(read(["--port", "9000"], { PORT: "9001" }).PORT).toBe(9000);
  });

  it("name every wrong setting at once, with what was given and what is accepted, and hide secrets", () => {
    const call = () => read([], { PORT: "http", MARQUEE_ENV: "staging", DATABASE_URL: "mysql://user:hunter2@host/db" });
    expect(call).toThrow(/PORT: accepted is a whole number from 0 to 65535 \(given: "http"\)/);
    expect(call).toThrow(/MARQUEE_ENV: accepted is one of local, development, production \(given: "staging"\)/);
    expect(call).toThrow(
      /DATABASE_URL: accepted is a URL that begins with postgres:\/\/ or postgresql:\/\/ \(given: \(hidden\)\)/,
    );
    expect(call).not.toThrow(/hunter2/);
  });

  it("refuse an unknown flag and point to the help", () => {
    expect(() => read(["--prot", "9"])).toThrow(/--prot.*npm start -- --help/s);
    expect(readOptions(["--help"], { folder, variables: {} })).toBe("help");
  });

  it("are all in the help", () => {
    for (const name of Object.keys(localSettings.shape).filter(
      (key) => !key.endsWith("_BASE_URL") && key !== "MARQUEE_ENV",
    )) {
      expect(HELP).toContain(name);
    }
  });

  it("do not show the sources' ratings in production until switched on", () => {
    expect(read([], { MARQUEE_ENV: "production" }).showSourceRatings).toBe(false);
    expect(read([], { MARQUEE_ENV: "production", SHOW_SOURCE_RATINGS: "true" }).showSourceRatings).toBe(true);
  });
});

describe("a profile", () => {
  it("keeps the sample, recorded folders and real data apart", () => {
    expect(chooseProfile(read([])).name).toBe("sample");
    expect(chooseProfile(read([], { TMDB_API_KEY: "k" }))).toMatchObject({ name: "live", sandbox: undefined });
    expect(chooseProfile(read(["--data", import.meta.dirname])).name).toMatch(/^recorded-[0-9a-f]{8}$/);
  });

  it("says so when the folder is not there", () => {
    expect(() => chooseProfile(read(["--data", "/nonexistent/films"]))).toThrow(
      /--data \/nonexistent\/films cannot be read/,
    );
  });
});
