import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONTAINER_NGINX, type NginxOptions, renderNginx, renderTeam, renderUpstreams } from "../nginx/render.ts";
import { findTool, run } from "../testing/deploy-tools.ts";

const nginx = findTool("nginx");
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

/** Behind Nginx; says who answered and which headers came through. */
interface Instance {
  address: string;
  requests: number;
  /** What it answers with. */
  status: number;
  server: Server;
}

async function startInstance(name: string): Promise<Instance> {
  const server = createServer((request, response) => {
    instance.requests += 1;
    response.writeHead(instance.status, { "content-type": "application/json", "x-answered-by": name });
    response.end(JSON.stringify({ name, headers: request.headers }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const instance: Instance = { address, requests: 0, status: 200, server };
  return instance;
}

/** One that was free a moment ago; Nginx takes no 0. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

let folder: string;
let options: NginxOptions;
let url: string;
let child: ChildProcess;
let blue: Instance;
let green: Instance;
let scheduler: Instance;

beforeAll(async () => {
  if (!nginx) return;
  folder = await mkdtemp(join(tmpdir(), "marquee-nginx-"));
  // Started by root, its workers are somebody else.
  await chmod(folder, 0o755);
  [blue, green, scheduler] = (await Promise.all(["blue", "green", "scheduler"].map(startInstance))) as [
    Instance,
    Instance,
    Instance,
  ];
  const listen = `127.0.0.1:${await freePort()}`;
  url = `http://${listen}`;
  const paths = {
    folder,
    temporaryFolder: folder,
    accessLog: join(folder, "access.log"),
    errorLog: join(folder, "error.log"),
  };
  options = { ...CONTAINER_NGINX, ...paths, listen };
  await writeFile(join(folder, "nginx.conf"), renderNginx(options));
  await writeFile(join(folder, "team.conf"), renderTeam([]));
  await writeFile(
    join(folder, "upstreams.conf"),
    renderUpstreams({ serving: [blue.address, green.address], scheduler: scheduler.address }),
  );
  child = spawn(nginx.path, ["-c", join(folder, "nginx.conf"), "-g", "daemon off;"], { stdio: "ignore" });
  await answering();
});

afterAll(async () => {
  if (!nginx) return;
  child.kill("SIGQUIT");
  if (child.exitCode === null) await once(child, "exit");
  for (const { server } of [blue, green, scheduler]) {
    server.closeAllConnections();
    server.close();
  }
  await rm(folder, { recursive: true });
});

/** Until Nginx has opened its port: a refused connection is tried again at once. */
async function answering(): Promise<void> {
  for (const end = Date.now() + 10_000; ; ) {
    const answer = await fetch(`${url}/health`).catch(() => undefined);
    if (answer) return;
    if (child.exitCode !== null || Date.now() > end) expect.fail(await readFile(options.errorLog, "utf8"));
  }
}

async function reload(change: () => Promise<void>): Promise<void> {
  await change();
  child.kill("SIGHUP");
}

const predict = () => fetch(`${url}/predict`, { method: "POST", body: "{}" });
const TIMES = 8;

describe.skipIf(nginx === undefined)("Nginx with the product's settings", () => {
  it("spreads predictions over both instances", async () => {
    const names = new Set<string | null>();
    for (let i = 0; i < TIMES; i++) names.add((await predict()).headers.get("x-answered-by"));
    expect(names).toEqual(new Set(["blue", "green"]));
  });

  it("asks the other instance where one is not ready, and the client sees no failure", async () => {
    blue.status = 503;
    const answers = await Promise.all(Array.from({ length: TIMES }, predict));
    blue.status = 200;
    expect(answers.map(({ status }) => status)).toEqual(Array(TIMES).fill(200));
  });

  it("passes an event that failed to no other instance, since it may have been taken", async () => {
    blue.status = green.status = 503;
    const before = blue.requests + green.requests;
    const { status } = await fetch(`${url}/events`, { method: "POST", body: "{}" });
    blue.status = green.status = 200;
    expect(status).toBe(503);
    expect(blue.requests + green.requests).toBe(before + 1);
  });

  it("keeps the client's trace, and begins one where there is none or a wrong one", async () => {
    const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`;
    const sent = async (headers: Record<string, string>) =>
      ((await (await fetch(`${url}/models/current`, { headers })).json()) as { headers: Record<string, string> })
        .headers;
    expect((await sent({ traceparent })).traceparent).toBe(traceparent);
    expect((await sent({})).traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect((await sent({ traceparent: "nonsense" })).traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect((await sent({ "x-forwarded-for": "203.0.113.9" }))["x-forwarded-for"]).toBe("127.0.0.1");
  });

  it("logs each request as one JSON object with its trace", async () => {
    await fetch(`${url}/predict?of="quotes"`, { headers: { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` } });
    const lines = (await readFile(options.accessLog, "utf8")).trim().split("\n");
    const logged = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(logged.find(({ traceId, path }) => traceId === TRACE && path === "/predict")).toMatchObject({
      service: "nginx",
      method: "GET",
      status: 200,
    });
  });

  it.each(["/api/runs", "/", "/webhooks/alertmanager"])(
    "shows strangers nothing of the scheduler at %s",
    async (path) => {
      const before = scheduler.requests;
      expect((await fetch(`${url}${path}`)).status).toBe(403);
      expect(scheduler.requests).toBe(before);
    },
  );

  it.each(["/metrics", "/predictions"])("does not open %s", async (path) => {
    expect([403, 404]).toContain((await fetch(`${url}${path}`)).status);
  });

  it("refuses a body over serving's limit itself", async () => {
    const answer = await fetch(`${url}/predict`, { method: "POST", body: "x".repeat(4 * 2 ** 20 + 1) });
    expect(answer.status).toBe(413);
  });

  it("refuses who asks too often, and says so with 429", async () => {
    const answers = await Promise.all(Array.from({ length: options.burst + 100 }, () => fetch(`${url}/docs`)));
    const statuses = new Set(answers.map(({ status }) => status));
    expect(statuses).toEqual(new Set([200, 429]));
  });

  it("asks the remaining instance alone once upstreams.conf says so, and lets the team in once it is named", async () => {
    await reload(async () => {
      await writeFile(
        join(folder, "upstreams.conf"),
        renderUpstreams({ serving: [green.address], scheduler: scheduler.address }),
      );
      await writeFile(join(folder, "team.conf"), renderTeam(["127.0.0.1"]));
    });
    await expect.poll(async () => (await fetch(`${url}/api/runs`)).status, { timeout: 10_000 }).toBe(200);
    const before = blue.requests;
    for (let i = 0; i < TIMES; i++) await fetch(`${url}/health`);
    expect(blue.requests).toBe(before);
  });

  it("takes the settings with TLS", async () => {
    const certificate = join(folder, "fullchain.pem");
    const certificateKey = join(folder, "privkey.pem");
    const made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "1"];
    expect((await run("openssl", [...made, "-out", certificate, "-keyout", certificateKey])).code).toBe(0);
    const tls = { listen: `127.0.0.1:${await freePort()}`, certificate, certificateKey };
    await writeFile(join(folder, "tls.conf"), renderNginx({ ...options, tls }));
    const { code, text } = await nginx!.run(["-t", "-c", join(folder, "tls.conf")]);
    expect(code, text).toBe(0);
  });
});
