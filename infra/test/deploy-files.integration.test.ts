import { globSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { SERVICES } from "../images/services.ts";
import { publishedPorts, SERVERS, type Server } from "../network.ts";
import { CONTAINER_ADDRESSES } from "../nginx/render.ts";
import { findTool, run } from "../testing/deploy-tools.ts";

const root = join(import.meta.dirname, "../..");
const files = (pattern: string) => globSync(pattern, { cwd: root }).map((file) => join(root, file));

const compose = findTool("docker-compose");
const actionlint = findTool("actionlint");
const zizmor = findTool("zizmor");
const hadolint = findTool("hadolint");
const shellcheck = findTool("shellcheck");

/** Memory of a t3.xlarge, a t3.medium and a t3.xlarge. */
const SERVER_GIB: Record<Server, number> = { workhorse: 16, controltower: 4, nervous: 16 };
/** Left to the operating system and Docker itself. */
const SPARE_GIB = 0.75;

/** Of what `docker-compose config` prints, what is looked at. */
const composeSchema = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string(),
      command: z.array(z.string()).nullish(),
      user: z.string().optional(),
      privileged: z.boolean().optional(),
      restart: z.string().optional(),
      network_mode: z.string().optional(),
      mem_limit: z.string().optional(),
      logging: z.object({ options: z.record(z.string(), z.string()) }).optional(),
      ports: z.array(z.object({ host_ip: z.string().optional(), published: z.string(), target: z.int() })).default([]),
      networks: z.record(z.string(), z.object({ ipv4_address: z.string().optional() }).nullable()).optional(),
      environment: z.record(z.string(), z.string().nullable()).default({}),
      volumes: z.array(z.looseObject({ type: z.string(), source: z.string().optional() })).default([]),
    }),
  ),
});
type ComposeFile = z.infer<typeof composeSchema>;
type ComposeService = ComposeFile["services"][string];

let secrets = "";

beforeAll(async () => {
  secrets = await mkdtemp(join(tmpdir(), "marquee-secrets-"));
  const made = await run(join(root, "infra/deploy/make-secrets.sh"), [secrets]);
  expect(made).toEqual({ code: 0, text: "" });
});
afterAll(() => rm(secrets, { recursive: true, force: true }));

async function composeFile(server: Server): Promise<ComposeFile> {
  const settings = join(root, "infra/deploy/settings.env.example");
  const file = join(root, `docker-compose.${server}.yml`);
  const { code, text } = await compose!.run(["--env-file", settings, "--file", file, "config", "--format", "json"], {
    SECRETS_FOLDER: join(secrets, server),
  });
  expect(code, text).toBe(0);
  return composeSchema.parse(JSON.parse(text));
}

/** Ports on the server's addresses: published ones, and that of a process in the host's own network. */
function openPorts({ services }: ComposeFile): number[] {
  const listening = Object.values(services).flatMap(({ network_mode, command, ports }) =>
    network_mode === "host"
      ? (command ?? []).flatMap((word) => /--web\.listen-address=.*:(\d+)$/.exec(word)?.[1] ?? [])
      : ports.map(({ published }) => published),
  );
  return listening.map(Number).sort((a, b) => a - b);
}

const servicesWhere = ({ services }: ComposeFile, holds: (service: ComposeService) => boolean) =>
  Object.entries(services)
    .filter(([, service]) => holds(service))
    .map(([name]) => name);

describe.skipIf(compose === undefined).each(SERVERS)("docker-compose.%s.yml", (server) => {
  it("opens exactly the ports of infra/network.ts, each under its own number and on a named address", async () => {
    const file = await composeFile(server);
    expect(openPorts(file)).toEqual(publishedPorts(server));
    const ports = Object.values(file.services).flatMap((service) => service.ports);
    expect(ports.filter(({ host_ip, published, target }) => !host_ip || published !== String(target))).toEqual([]);
  });

  it("limits each container's memory, and all together to less than the server has", async () => {
    const file = await composeFile(server);
    expect(servicesWhere(file, ({ mem_limit }) => mem_limit === undefined)).toEqual([]);
    const bytes = Object.values(file.services).reduce((sum, { mem_limit }) => sum + Number(mem_limit), 0);
    expect(bytes / 2 ** 30).toBeLessThan(SERVER_GIB[server] - SPARE_GIB);
  });

  it("names a version of every image, restarts what ends, and bounds every log", async () => {
    const file = await composeFile(server);
    expect(servicesWhere(file, ({ image }) => !/:[^:/]+$/.test(image) || image.endsWith(":latest"))).toEqual([]);
    expect(servicesWhere(file, ({ restart }) => restart !== "unless-stopped" && restart !== "on-failure")).toEqual([]);
    expect(servicesWhere(file, ({ logging }) => logging?.options["max-size"] === undefined)).toEqual([]);
  });

  it("mounts only files and folders that the repository has, or that lie on every server", async () => {
    // Written by a deployment: where Nginx finds serving, and who is of the team.
    const made = join(root, "state/nginx");
    const file = await composeFile(server);
    const missing = Object.values(file.services)
      .flatMap(({ volumes }) => volumes.filter(({ type }) => type === "bind").map(({ source = "" }) => source))
      .filter((source) => source.startsWith(`${root}/`) && globSync(source).length === 0);
    expect(missing.filter((source) => source !== made)).toEqual([]);
  });

  it("holds no secret: passwords come from the folder of secrets alone", async () => {
    const { services } = await composeFile(server);
    const { text } = await run("/bin/cat", [join(root, `docker-compose.${server}.yml`)]);
    const random = (await run("/bin/sh", ["-c", `cat ${secrets}/passwords/*`])).text.trim().split("\n");
    expect(random.length).toBeGreaterThan(10);
    expect(random.filter((password) => text.includes(password))).toEqual([]);
    expect(Object.keys(services).length).toBeGreaterThan(5);
  });
});

describe.skipIf(compose === undefined)("the containers of ours", () => {
  it("are each on one server, on the port of their image", async () => {
    const all = await Promise.all(SERVERS.map(composeFile));
    const containers = all.flatMap(({ services }) => Object.values(services));
    for (const { name } of SERVICES) {
      const found = containers.filter(({ image }) => image.includes(`/marquee-${name}:`));
      expect(found.length, name).toBe(name === "serving" ? 2 : 1);
    }
  });

  it("stand where Nginx looks for them", async () => {
    const { services } = await composeFile("controltower");
    const address = (name: string) => services[name]?.networks?.edge?.ipv4_address;
    const port = (name: string) => services[name]?.ports[0]?.target;
    expect(`${address("serving-blue")}:${port("serving-blue")}`).toBe(CONTAINER_ADDRESSES.blue);
    expect(`${address("serving-green")}:${port("serving-green")}`).toBe(CONTAINER_ADDRESSES.green);
    expect(`${address("scheduler")}:${port("scheduler")}`).toBe(CONTAINER_ADDRESSES.scheduler);
    expect(address("nginx-exporter")).toBe(CONTAINER_ADDRESSES.exporter);
    expect(services["serving-green"]?.environment.PORT).toBe(String(port("serving-green")));
  });
});

describe("the workflows", () => {
  it.skipIf(actionlint === undefined)("satisfy actionlint", async () => {
    expect(await actionlint!.run(files(".github/workflows/*.yml"))).toEqual({ code: 0, text: "" });
  });

  it.skipIf(zizmor === undefined)("satisfy zizmor", async () => {
    const { code, text } = await zizmor!.run([
      "--offline",
      "--no-progress",
      "--quiet",
      ...files(".github/workflows/*.yml"),
    ]);
    expect(code, text).toBe(0);
  });
});

describe("the images and scripts", () => {
  it.skipIf(hadolint === undefined)("satisfy hadolint", async () => {
    expect(await hadolint!.run(files("infra/images/*.Dockerfile"))).toEqual({ code: 0, text: "" });
  });

  it.skipIf(shellcheck === undefined)("satisfy shellcheck", async () => {
    const scripts = files("infra/{images,deploy,kafka,postgres,elasticsearch}/*.sh");
    expect(scripts.length).toBeGreaterThan(8);
    expect(await shellcheck!.run(scripts)).toEqual({ code: 0, text: "" });
  });
});
