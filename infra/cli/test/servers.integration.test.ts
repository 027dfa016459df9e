import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectDatabase, type Database } from "@marquee/shared/backing/postgres/database";
import { createLogger } from "@marquee/shared/service/logger";
import { withDatabase } from "@marquee/shared/testing/embedded-setup";
import { startProcess } from "@marquee/shared/testing/marquee-process";
import { serverSetting } from "@marquee/shared/testing/real-servers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeOwnFilms } from "../../testing/own-films.ts";

const urls = {
  DATABASE_URL: serverSetting("DATABASE_URL") ?? "",
  OBJECT_STORE_URL: serverSetting("OBJECT_STORE_URL") ?? "",
};
const FILMS = 300;

describe.skipIf(Object.values(urls).includes(""))("commands on real PostgreSQL and S3", () => {
  const name = `test_${randomBytes(6).toString("hex")}`;
  const home = mkdtempSync(join(tmpdir(), "marquee-command-servers-"));
  const data = join(home, "films");
  const settings: Record<string, string> = {
    MARQUEE_HOME: join(home, "home"),
    DATABASE_URL: urls.DATABASE_URL && withDatabase(urls.DATABASE_URL, name),
    OBJECT_STORE_URL: `${urls.OBJECT_STORE_URL}/${name}`,
  };
  for (const variable of ["S3_ENDPOINT", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) {
    settings[variable] = process.env[variable] ?? "";
  }
  const marquee = async (...words: string[]) => {
    const command = startProcess(["infra/cli/main.ts", ...words], settings);
    return { code: await command.ended(), output: command.output };
  };
  let admin: Database;

  beforeAll(async () => {
    writeOwnFilms(data, FILMS);
    admin = connectDatabase({ url: urls.DATABASE_URL, log: createLogger("test", "silent"), maxConnections: 1 });
    await admin.execute(`create database ${name}`);
  });
  afterAll(async () => {
    await admin.execute(`drop database if exists ${name} with (force)`);
    await admin.close();
    rmSync(home, { recursive: true, force: true });
  });

  it("migrate what is empty, collect, load, and keep nothing but a log at home", async () => {
    expect(await marquee("collect", "--data", data)).toMatchObject({ code: 0 });
    const { code, output } = await marquee("catalog", "load", "--data", data);
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining(`${FILMS} films`) });
    expect((await marquee("archive", "verify", "--data", data)).output).toContain("all whole");
    expect(readdirSync(join(home, "home"))).toEqual(["marquee.log"]);
  });

  it("refuse to mix other films in", async () => {
    const { code, output } = await marquee("collect");
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringMatching(/holds the films of the profile recorded-/),
    });
  });

  it("need a key for TMDB where the films are the real ones, and none to look", async () => {
    const [own, store] = [settings.DATABASE_URL, settings.OBJECT_STORE_URL];
    await admin.execute(`create database ${name}_live`);
    settings.DATABASE_URL = withDatabase(urls.DATABASE_URL, `${name}_live`);
    settings.OBJECT_STORE_URL = `${store}/live`;
    const collected = await marquee("collect", "tmdb");
    const shown = await marquee("catalog", "show");
    Object.assign(settings, { DATABASE_URL: own, OBJECT_STORE_URL: store });
    await admin.execute(`drop database ${name}_live with (force)`);
    expect(collected).toEqual({ code: 1, output: expect.stringContaining("TMDB_API_KEY is not set") });
    expect(shown).toEqual({ code: 0, output: expect.stringMatching(/^movies +0$/m) });
  });
});
