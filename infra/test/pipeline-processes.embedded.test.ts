import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { pipelineRunSchema } from "@marquee/shared/contracts/pipeline-run";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const POLL = { timeout: 90_000, interval: 50 };

let database: TestDatabase;
let folder: string;
let processes: ChildProcess[];
beforeEach(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), "marquee-processes-"));
  processes = [];
});
afterEach(async () => {
  for (const started of processes) if (started.exitCode === null) started.kill("SIGKILL");
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

interface Started {
  url: string;
  /** SIGTERM. @returns its exit code */
  stop(): Promise<number | null>;
}

/** Starts a process of the product on free ports and waits until it listens. */
async function start(path: string, settings: Record<string, string>): Promise<Started> {
  const child = spawn(process.execPath, [fileURLToPath(new URL(`../../${path}`, import.meta.url))], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      PORT: "0",
      SPOOL_FOLDER: join(folder, path),
      DATABASE_URL: database.url,
      ...settings,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  processes.push(child);
  const listening = Promise.withResolvers<number>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { msg, port } = JSON.parse(line);
    if (msg === "listening") listening.resolve(port);
    if (msg.startsWith("could not start")) listening.reject(new DOMException(msg, "AbortError"));
  });
  const url = `http://127.0.0.1:${await listening.promise}`;
  return {
    url,
    stop: async () => {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      const [code] = await exited;
      return code;
    },
  };
}

/** Servers that are not there: what is told here asks nothing of them. */
const WORKER_SETTINGS = {
  REDIS_URL: "redis://127.0.0.1:1",
  TMDB_API_KEY: "none",
  TMDB_BASE_URL: "http://127.0.0.1:1",
  TMDB_EXPORT_URL: "http://127.0.0.1:1",
  IMDB_BASE_URL: "http://127.0.0.1:1",
};

describe("scheduler and worker as processes", () => {
  it("carry a run out to its end, ship the lines of all three kinds of process, and stop clean", async () => {
    const scheduler = await start("controltower/src/scheduler/main.ts", { SCHEDULER_API_TOKEN: "a-token" });
    const worker = await start("workhorse/src/worker/main.ts", {
      ...WORKER_SETTINGS,
      OBJECT_STORE_URL: `file://${join(folder, "objects")}`,
    });
    for (const { url } of [scheduler, worker]) {
      await expect.poll(async () => (await fetch(`${url}/ready`)).json(), POLL).toMatchObject({ status: "ready" });
    }
    const headers = { authorization: "Bearer a-token", "content-type": "application/json" };
    const answer = await fetch(`${scheduler.url}/api/pipelines/train/runs`, { method: "POST", headers, body: "{}" });
    const { runId } = pipelineRunSchema.parse(await answer.json());
    const read = async () =>
      pipelineRunSchema.parse(await (await fetch(`${scheduler.url}/api/runs/${runId}`, { headers })).json());
    await expect.poll(async () => (await read()).status, POLL).toBe("failed");
    // The catalog is empty, which trying again does not mend.
    expect((await read()).tasks).toMatchObject([
      { task: "features", status: "succeeded" },
      { task: "train", status: "failed", tries: 1, error: expect.stringMatching(/^TRAINING_DATA_INSUFFICIENT: /) },
      { task: "gate", status: "skipped" },
    ]);
    expect(await (await fetch(`${worker.url}/metrics`)).text()).toMatch(
      /marquee_tasks_total\{task="train",outcome="failed",service="worker"\} 1/,
    );
    expect([await scheduler.stop(), await worker.stop()]).toEqual([0, 0]);
    const shipped = await database.query<{ msg: string }>(
      "select value::jsonb ->> 'msg' as msg from bus_messages where value::jsonb ->> 'traceId' = $1 order by seq",
      [runId],
    );
    expect(shipped.map(({ msg }) => msg)).toEqual(
      expect.arrayContaining(["pipeline run created", "task began", "task failed", "pipeline run failed"]),
    );
  });

  it("refuse to start in production without tokens", async () => {
    const production = { MARQUEE_ENV: "production" };
    await expect(start("controltower/src/scheduler/main.ts", production)).rejects.toThrow(
      /SCHEDULER_API_TOKEN.*ALERTMANAGER_WEBHOOK_TOKEN/s,
    );
  });
});
