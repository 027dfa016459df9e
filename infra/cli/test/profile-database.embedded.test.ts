import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "@marquee/shared/backing/postgres/embedded-postgres";
import { lockFolder } from "@marquee/shared/backing/postgres/folder-lock";
import { createLogger } from "@marquee/shared/service/logger";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openProfileDatabase, type ProfileDatabase } from "../profile-database.ts";

const log = createLogger("test", "silent");
const NEVER = new AbortController().signal;
const ROWS = [{ text: "there" }];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "marquee-profile-database-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (): Promise<ProfileDatabase> =>
  openProfileDatabase({ profile: { name: "sample", folder, sandbox: undefined }, log, signal: NEVER });
const ask = ({ database }: ProfileDatabase) => database.query("select text from kept");

describe("a profile's database, to commands", () => {
  it("is started by the first, used by the second, and stops when neither needs it any more", async () => {
    const first = await open();
    await first.database.execute("create table kept (text text); insert into kept values ('there')");
    const second = await open();
    let stopped = false;
    const closing = first.close(NEVER).then(() => {
      stopped = true;
    });
    expect(await ask(second)).toEqual(ROWS);
    expect(stopped).toBe(false);
    await second.close(NEVER);
    await closing;
    const third = await open();
    expect(await ask(third)).toEqual(ROWS);
    await third.close(NEVER);
  });

  it("is that of npm start while it runs, and is left running", async () => {
    const lock = lockFolder(folder);
    const running = await startEmbeddedPostgres({ folder: join(folder, "postgres"), log });
    const command = await open();
    await command.database.execute("create table kept (text text); insert into kept values ('there')");
    await command.close(NEVER);
    const next = await open();
    expect(await ask(next)).toEqual(ROWS);
    await next.close(NEVER);
    await running.stop();
    lock.release();
  });

  it("stops at once where whoever started it is told to end, and the other learns that it is gone", async () => {
    const first = await open();
    const second = await open();
    await first.close(AbortSignal.abort());
    await expect(second.database.query("select 1")).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
    await second.close(NEVER);
  });

  it("is waited for while its server starts or stops, until the command is stopped", async () => {
    const lock = lockFolder(folder);
    const stop = new AbortController();
    const opening = openProfileDatabase({
      profile: { name: "sample", folder, sandbox: undefined },
      log,
      signal: stop.signal,
    });
    stop.abort();
    await expect(opening).rejects.toMatchObject({ name: "AbortError" });
    lock.release();
  });
});
