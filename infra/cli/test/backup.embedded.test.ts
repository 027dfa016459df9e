import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { backupCommand } from "../backup-command.ts";

const home = mkdtempSync(join(tmpdir(), "marquee-backup-command-"));
let source: TestDatabase;
let target: TestDatabase;
beforeAll(async () => {
  source = await createTestDatabase();
  target = await createTestDatabase({ empty: true });
  vi.stubEnv("DATABASE_URL", source.url);
  vi.stubEnv("OBJECT_STORE_URL", pathToFileURL(join(home, "objects")).href);
  vi.stubEnv("BACKUP_STORE_URL", pathToFileURL(join(home, "backups")).href);
  await source.execute("insert into people select n, 'Person ' || n from generate_series(1, 1000) n");
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([source.close(), target.close()]);
  rmSync(home, { recursive: true, force: true });
});

async function marquee(...args: string[]): Promise<string> {
  let answer = "";
  const command = backupCommand({ write: (text) => (answer += text) });
  await command.parseAsync([...args, "--home", home], { from: "user" });
  return answer;
}
const json = async (...args: string[]) => JSON.parse(await marquee(...args, "--json"));

describe("marquee backup", () => {
  it("lists nothing and knows no latest before the first", async () => {
    expect((await json("list")).detail).toEqual({ backups: [] });
    await expect(marquee("verify")).rejects.toMatchObject({
      code: "BACKUP_UNKNOWN",
      message: "There is no backup yet: npm run marquee -- backup create makes one.",
    });
  });

  it("creates, lists, verifies, rehearses and restores, and says each time what it did", async () => {
    const created = await json("create");
    expect(created).toMatchObject({ command: "backup create", ok: true, detail: { kept: 1, removed: [] } });
    const { name } = created.detail;
    expect((await json("list")).detail.backups).toMatchObject([{ name, state: "good", rows: created.rowsOut }]);
    expect(await marquee("list")).toMatch(new RegExp(`${name} .* good`));
    expect(await marquee("verify", "--from", name)).toContain(`${name} is whole`);
    expect(await marquee("restore", "--into", target.url, "--dry-run")).toContain("Nothing was changed");
    expect(await target.query("select from pg_tables where schemaname = 'public'")).toEqual([]);
    const restored = await marquee("restore", "--into", target.url);
    expect(restored).toMatch(/people +1,000 +[0-9a-f]{16} +equal/);
    expect(restored).toContain("every table has the backup's hash");
    expect(await target.query("select count(*) as people from people")).toEqual([{ people: 1_000 }]);
  });

  it("refuses to restore over what is there", async () => {
    await expect(marquee("restore", "--into", source.url)).rejects.toMatchObject({ code: "RESTORE_REFUSED" });
  });
});
