import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { optionsOf } from "../../local/options.ts";
import { chooseProfile } from "../../local/profile.ts";
import { serversProfile } from "../servers-profile.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.execute("truncate source_cursors, step_runs cascade"));

const FOLDER = import.meta.dirname;
const noted = (name: string) =>
  database.execute("insert into source_cursors (source, cursor, updated_at) values ('profile', $1, now())", [
    JSON.stringify({ name }),
  ]);
async function nameFor({ key, data }: { key?: string; data?: string }): Promise<string> {
  const variables = key === undefined ? {} : { TMDB_API_KEY: key };
  const options = optionsOf(data === undefined ? {} : { data }, { variables, folder: FOLDER });
  return (await serversProfile(database, options, chooseProfile(options))).name;
}
const recorded = () => chooseProfile(optionsOf({ data: FOLDER }, { variables: {}, folder: FOLDER })).name;

describe("whose films servers hold", () => {
  it("are the real sources' where nobody has noted anything, with a key or without one", async () => {
    expect(await nameFor({})).toBe("live");
    expect(await nameFor({ key: "k" })).toBe("live");
  });

  it("are the sample's where npm start has put it there, unless a key says otherwise", async () => {
    await noted("sample");
    expect(await nameFor({})).toBe("sample");
    await expect(nameFor({ key: "k" })).rejects.toMatchObject({
      code: "SETTINGS_INVALID",
      message: expect.stringMatching(/films of the profile sample, these settings are for live/),
    });
  });

  it("are those of --data where the servers are empty or hold them, and never mixed with others", async () => {
    expect(await nameFor({ data: FOLDER })).toBe(recorded());
    await noted(recorded());
    expect(await nameFor({ data: FOLDER })).toBe(recorded());
    await expect(nameFor({})).rejects.toMatchObject({ code: "SETTINGS_INVALID" });
    await database.execute("truncate source_cursors");
    await database.execute(
      "insert into step_runs (run_id, step, status, started_at) values (gen_random_uuid(), 'collect', 'succeeded', now())",
    );
    await expect(nameFor({ data: FOLDER })).rejects.toMatchObject({ code: "SETTINGS_INVALID" });
  });
});
