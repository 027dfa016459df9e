import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connectDatabase } from "../src/backing/postgres/database.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../src/backing/postgres/embedded-postgres.ts";
import { createLogger } from "../src/service/logger.ts";

const log = createLogger("test", "silent");
const HOLDER = fileURLToPath(new URL("hold-postgres.ts", import.meta.url));
const isRoot = process.getuid?.() === 0;
const isLinux = process.platform === "linux";

let parent: string;
let folder: string;
const toStop: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "marquee embedded's "));
  folder = join(parent, "postgres");
});
afterEach(async () => {
  for (const stop of toStop.splice(0)) await stop();
  await rm(parent, { recursive: true, force: true });
});

async function start(
  changes: { folder?: string; onUnexpectedExit?: (reason: string) => void } = {},
): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ folder, log, ...changes });
  toStop.push(() => postgres.stop());
  return postgres;
}

/** What the holder says: where the database is, or the code of the error that kept it from starting. */
interface Answer {
  url: string;
  pid: number;
  code?: string;
}

/** Starts it in a process of its own. */
async function hold(): Promise<{ holder: ChildProcess; answer: Answer }> {
  const holder = spawn(process.execPath, [HOLDER, folder], { stdio: ["ignore", "pipe", "inherit"], detached: true });
  toStop.push(() => killAndWait(holder, "SIGTERM"));
  const [line] = (await once(createInterface({ input: holder.stdout ?? process.stdin }), "line")) as [string];
  return { holder, answer: JSON.parse(line) as Answer };
}

async function killAndWait(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill(signal);
  await exit;
}

/** Neither our child nor a file: its end is no event, so it is asked for. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(2);
}

/** Whether the process runs. One that ended counts as gone before the system's first process has taken note of it. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isLinux || !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

async function sql<Row extends object>(url: string, text: string): Promise<Row[]> {
  const database = connectDatabase({ url, log });
  try {
    return await database.query<Row>(text);
  } finally {
    await database.close();
  }
}

const keepARow = (url: string) => sql(url, "create table kept as select 42 as answer");
const keptRow = async (url: string) => (await sql<{ answer: number }>(url, "select answer from kept"))[0]?.answer;

describe("the embedded PostgreSQL", () => {
  it("starts on a folder that does not exist, keeps its data from start to start, and leaves no process", async () => {
    const first = await start();
    await keepARow(first.url);
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);
    const second = await start();
    expect(await keptRow(second.url)).toBe(42);
    await second.stop();
    await second.stop();
    expect(isAlive(second.pid)).toBe(false);
  });

  it("is a UTF-8 database in UTC that sorts by code point and knows letters beyond ASCII", async () => {
    const { url } = await start();
    const [row] = await sql(
      url,
      `select current_setting('server_encoding') as encoding, current_setting('TimeZone') as zone, current_setting('fsync') as fsync,
         array(select * from unnest(array['a', 'É', 'B', 'é']) as t(x) order by x) as sorted, lower('ÉCOLE') as lower`,
    );
    expect(row).toEqual({ encoding: "UTF8", zone: "UTC", fsync: "on", sorted: ["B", "a", "É", "é"], lower: "école" });
  });

  it("listens on the loopback interface alone and lets nobody in without the password", async () => {
    const { url } = await start();
    expect(new URL(url)).toMatchObject({ hostname: "127.0.0.1", username: "marquee", pathname: "/marquee" });
    expect(await sql(url, "show listen_addresses")).toEqual([{ listen_addresses: "127.0.0.1" }]);
    const wrong = Object.assign(new URL(url), { password: "wrong" }).href;
    await expect(sql(wrong, "select 1")).rejects.toMatchObject({ code: "SETTINGS_INVALID" });
    expect((await stat(join(folder, "cluster", "password"))).mode & 0o077).toBe(0);
  });

  it("starts where the path is longer than a socket's name may be", async () => {
    folder = join(parent, "deep".repeat(20), "deeper".repeat(20));
    const { url } = await start();
    expect(await sql(url, "select 1 as one")).toEqual([{ one: 1 }]);
  });

  it.runIf(isRoot)("runs as another user for root, in a folder that only root may enter", async () => {
    await chmod(parent, 0o700);
    const { pid, url } = await start();
    expect((await stat(`/proc/${pid}`)).uid).not.toBe(0);
    expect(await sql(url, "select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("tells a second start in the same folder that it is running, and lets it in after a stop", async () => {
    const first = await start();
    await expect(start()).rejects.toMatchObject({ code: "ALREADY_RUNNING", message: expect.stringContaining(folder) });
    expect((await hold()).answer.code).toBe("ALREADY_RUNNING");
    expect(await sql(first.url, "select 1 as one")).toEqual([{ one: 1 }]);
    await first.stop();
    await start();
  });

  it("lets exactly one of several first starts at the same time have the folder", async () => {
    const answers = (await Promise.all([hold(), hold(), hold()])).map(({ answer }) => answer);
    expect(answers.map(({ code }) => code).sort()).toEqual(["ALREADY_RUNNING", "ALREADY_RUNNING", undefined]);
    const url = answers.find(({ code }) => code === undefined)?.url ?? "";
    expect(await sql(url, "select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("is out of reach of the terminal's Ctrl-C", async () => {
    const { holder, answer } = await hold();
    process.kill(-(holder.pid ?? 0), "SIGINT");
    expect(await sql(answer.url, "select 1 as one")).toEqual([{ one: 1 }]);
  });
});

describe("the embedded PostgreSQL after a kill", () => {
  it("ends when its parent is killed, and starts anew with everything that was committed", async () => {
    const { holder, answer } = await hold();
    await keepARow(answer.url);
    await killAndWait(holder, "SIGKILL");
    await until(() => !isAlive(answer.pid));
    expect(await keptRow((await start()).url)).toBe(42);
  });

  it("starts anew at once when its parent was killed, whatever still runs", async () => {
    const { holder, answer } = await hold();
    await keepARow(answer.url);
    await killAndWait(holder, "SIGKILL");
    expect(await keptRow((await start()).url)).toBe(42);
    expect(isAlive(answer.pid)).toBe(false);
  });

  it.runIf(isLinux)("stops a server that outlived its parent, and starts anew", async () => {
    const { holder, answer } = await hold();
    await keepARow(answer.url);
    const children = await readFile(`/proc/${holder.pid}/task/${holder.pid}/children`, "utf8");
    const watcher = children
      .trim()
      .split(" ")
      .map(Number)
      .find((pid) => pid !== answer.pid);
    process.kill(watcher ?? 0, "SIGKILL");
    await killAndWait(holder, "SIGKILL");
    expect(isAlive(answer.pid)).toBe(true);
    expect(await keptRow((await start()).url)).toBe(42);
    expect(isAlive(answer.pid)).toBe(false);
  });

  it("says so when the server is killed, stops all the same, and starts anew with everything that was committed", async () => {
    const ended = Promise.withResolvers<string>();
    const first = await start({ onUnexpectedExit: ended.resolve });
    await keepARow(first.url);
    process.kill(first.pid, "SIGKILL");
    expect(await ended.promise).toContain("SIGKILL");
    await first.stop();
    expect(await keptRow((await start()).url)).toBe(42);
  });

  it.runIf(isLinux)("ends a query that outlived its server, and starts anew", async () => {
    const ended = Promise.withResolvers<string>();
    const first = await start({ onUnexpectedExit: ended.resolve });
    const busy = sql(first.url, "select count(*) from generate_series(1, 10000000000)").catch(
      (error: unknown) => error,
    );
    await until(async () => {
      const rows = await sql(
        first.url,
        "select from pg_stat_activity where query like '%generate_series%' and state = 'active'",
      );
      return rows.length > 1;
    });
    process.kill(first.pid, "SIGKILL");
    await ended.promise;
    await first.stop();
    expect(await sql((await start()).url, "select 1 as one")).toEqual([{ one: 1 }]);
    expect(await busy).toMatchObject({ code: "DATABASE_UNAVAILABLE" });
  });

  it("says nothing of an unexpected end when it is stopped", async () => {
    const reasons: string[] = [];
    const postgres = await start({ onUnexpectedExit: (reason) => reasons.push(reason) });
    await postgres.stop();
    expect(reasons).toEqual([]);
  });

  it("starts though the number in a pid file that was left has become another program's", async () => {
    const first = await start();
    await keepARow(first.url);
    const pidFile = join(folder, "cluster", "data", "postmaster.pid");
    const lines = (await readFile(pidFile, "utf8")).split("\n");
    await first.stop();
    const other = spawn(process.execPath, ["--eval", "setInterval(() => {}, 1000)"]);
    toStop.push(() => killAndWait(other, "SIGKILL"));
    await writeFile(pidFile, [String(other.pid), ...lines.slice(1)].join("\n"), { mode: 0o600 });
    expect(await keptRow((await start()).url)).toBe(42);
    expect(isAlive(other.pid ?? 0)).toBe(true);
  });

  it.each([
    ["has hardly begun", ["data", "base"]],
    ["has its first catalogs", ["data", "base", "1", "PG_VERSION"]],
    ["has its third database", ["data", "base", "5"]],
  ])("makes the database anew when it was killed while the first one was made and %s", async (_moment, path) => {
    const holder = spawn(process.execPath, [HOLDER, folder], { stdio: "ignore", detached: true });
    await until(async () => {
      const entries = existsSync(folder) ? await readdir(folder) : [];
      return entries.some((entry) => existsSync(join(folder, entry, ...path)));
    });
    await killAndWait(holder, "SIGKILL");
    const { url } = await start();
    expect(await sql(url, "select 1 as one")).toEqual([{ one: 1 }]);
  });
});

describe("the embedded PostgreSQL refuses", () => {
  const broken = async () => {
    const postgres = await start();
    await postgres.stop();
    return join(folder, "cluster");
  };

  it("data of another major version, and leaves them alone", async () => {
    const version = join(await broken(), "data", "PG_VERSION");
    await writeFile(version, "17\n");
    await expect(start()).rejects.toMatchObject({
      code: "DATABASE_START_FAILED",
      message: expect.stringMatching(/PostgreSQL 17.*PostgreSQL 18/s),
    });
    await writeFile(version, "18\n");
    await start();
  });

  it("a folder whose password or data are gone, and leaves the rest alone", async () => {
    const cluster = await broken();
    for (const part of ["password", "data"]) {
      await rename(join(cluster, part), join(cluster, "aside"));
      await expect(start()).rejects.toMatchObject({
        code: "DATABASE_START_FAILED",
        message: expect.stringContaining("is incomplete"),
      });
      await rename(join(cluster, "aside"), join(cluster, part));
    }
    await start();
  });

  it("a folder that cannot be made, and says why", async () => {
    await writeFile(folder, "a file");
    await expect(start({ folder: join(folder, "below") })).rejects.toMatchObject({ code: "FOLDER_UNUSABLE" });
  });

  it("to start on a damaged configuration, with PostgreSQL's own words", async () => {
    await writeFile(join(await broken(), "data", "postgresql.conf"), "nonsense = 1\n");
    await expect(start()).rejects.toMatchObject({
      code: "DATABASE_START_FAILED",
      message: expect.stringContaining('unrecognized configuration parameter "nonsense"'),
    });
  });
});
