import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";

const MAIN = join(import.meta.dirname, "../main.ts");

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

function start(...words: string[]) {
  const child = spawn(process.execPath, [MAIN, ...words], { stdio: ["ignore", "pipe", "pipe"] });
  started.push(child);
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  let problems = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    problems += text;
  });
  const closed = once(child, "close").then(([code]) => ({ code: code as number | null, output, problems }));
  async function says(pattern: RegExp): Promise<string> {
    while (!pattern.test(output)) {
      const ended = await Promise.race([once(child.stdout, "data").then(() => false), closed.then(() => true)]);
      if (ended && !pattern.test(output)) expect.fail(`the sandbox ended: ${problems}`);
    }
    return output.match(pattern)?.[1] ?? "";
  }
  return { child, closed, says };
}

test("says where it listens, serves, and ends clean on SIGTERM", async () => {
  const { child, closed, says } = start("--port", "0", "--key", "k");
  const address = await says(/TMDB_BASE_URL=(http:\/\/127\.0\.0\.1:\d+)\/3 /);
  const answer = await fetch(`${address}/3/movie/900000000?api_key=k`);
  expect(await answer.json()).toMatchObject({ title: "The Land Girls" });
  child.kill("SIGTERM");
  expect(await closed).toMatchObject({ code: 0 });
});

test("stands at a date and moves on when it is told to", async () => {
  const { child, closed, says } = start("--port", "0", "--as-of", "2000-01-01", "--announced-days", "30");
  const address = await says(/curl (http:\/\/127\.0\.0\.1:\d+)\/control\/clock/);
  expect(await (await fetch(`${address}/control/clock`)).json()).toMatchObject({ asOf: "2000-01-01", shift: null });
  const moved = await fetch(`${address}/control/clock`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ asOf: "2001-01-01" }),
  });
  expect(await moved.json()).toMatchObject({ asOf: "2001-01-01" });
  child.kill("SIGTERM");
  expect(await closed).toMatchObject({ code: 0 });
});

test("lets films be deleted where that is asked for", async () => {
  const { child, closed, says } = start("--port", "0", "--control");
  const address = await says(/TMDB_EXPORT_URL=(http:\/\/127\.0\.0\.1:\d+)\/p\/exports/);
  const deleted = await fetch(`${address}/control/delete`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ tmdbId: 900_001_500 }),
  });
  expect(await deleted.json()).toMatchObject({ films: 3199 });
  expect((await fetch(`${address}/3/movie/900001500?api_key=sandbox`)).status).toBe(404);
  child.kill("SIGTERM");
  expect(await closed).toMatchObject({ code: 0 });
});

test("names a port that is taken, in one line", async () => {
  const blocker = createServer().listen(0, "127.0.0.1");
  await once(blocker, "listening");
  const { port } = blocker.address() as { port: number };
  const { code, problems } = await start("--port", String(port)).closed;
  blocker.close();
  expect(code).toBe(1);
  expect(problems).toContain(`Port ${port} on 127.0.0.1 is used by another program.`);
  expect(problems).not.toContain("    at ");
});

test("explains a wrong call and exits with 2", async () => {
  const { code, problems } = await start("--port", "http").closed;
  expect({ code, problems }).toEqual({
    code: 2,
    problems: '--port accepts a whole number from 0 to 65535, not "http".\n',
  });
});

test("helps", async () => {
  const { code, output } = await start("--help").closed;
  expect(code).toBe(0);
  expect(output).toContain("--rate-limit N");
});
