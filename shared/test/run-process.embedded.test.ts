import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startProcess } from "../src/testing/marquee-process.ts";
import { createTestDatabase, type TestDatabase } from "../src/testing/test-database.ts";

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), "marquee-spool-"));
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

describe("a process that an error ends which nobody caught", () => {
  it.each(["throw", "reject"])("says so, sends what waits, and ends with 1 (%s)", async (how) => {
    const failing = startProcess(["shared/test/fail-uncaught.ts"], {
      DATABASE_URL: database.url,
      SPOOL_FOLDER: folder,
      FAIL_BY: how,
    });
    expect(await failing.ended()).toBe(1);
    const sent = await database.query<{ msg: string }>(
      "select value::jsonb ->> 'msg' as msg from bus_messages where topic = 'logs' order by seq",
    );
    expect(sent.map(({ msg }) => msg)).toEqual(
      expect.arrayContaining(["the last thing it did", "ended by an error that nobody caught: nobody expects me"]),
    );
    await database.execute("delete from bus_messages");
  });
});
