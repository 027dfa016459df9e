import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { NETWORK, publishedPorts, SERVERS, type Server, type Source } from "./network.ts";

const prd = readFileSync(join(import.meta.dirname, "../docs/PRD.md"), "utf8");

/** `nervous 9092 from workhorse`, of each row of the PRD's table of ports. */
function documented(markdown: string): string[] {
  const section = markdown.split("### Network and ports")[1]?.split("\n### ")[0] ?? "";
  const rows = [...section.matchAll(/^\| (\S+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)];
  return rows.flatMap(([, to = "", ports = "", , from = ""]) => {
    const servers = SERVERS.filter((server) => to === server || to === "all");
    return servers.flatMap((server) =>
      portsOf(ports).flatMap((port) => sourcesOf(from, server).map((source) => `${server} ${port} from ${source}`)),
    );
  });
}

/** `80, 443`, `9465–9467`, `9187 PostgreSQL`; of `8081→8090` the second, which is the one that is open. */
function portsOf(text: string): number[] {
  return [...text.replace(/\d+→/g, "").matchAll(/(\d{2,5})(?:–(\d{2,5}))?/g)].flatMap(([, first, last = first]) =>
    Array.from({ length: Number(last) - Number(first) + 1 }, (_, i) => Number(first) + i),
  );
}

function sourcesOf(text: string, to: Server): Source[] {
  const words = text
    .replace(/\([^)]*\)/g, "")
    .replace("team on demand", "on demand")
    .replace("itself", to);
  return ([...SERVERS, "on demand", "public", "team"] as const).filter((source) => words.includes(source));
}

describe("the network", () => {
  const coded = NETWORK.flatMap(({ to, port, from }) => from.map((source) => `${to} ${port} from ${source}`));

  it("opens no port twice on a server", () => {
    const places = NETWORK.map(({ to, port }) => `${to} ${port}`);
    expect(places).toEqual([...new Set(places)]);
  });

  it("is what the PRD's table says, port by port", () => {
    // The table's row of exporters stands for all servers; an exporter is where its server is.
    const exporters = new Set([9187, 9121, 9113, 9114, 9308]);
    const isExporter = (line: string) => exporters.has(Number(line.split(" ")[1]));
    const lines = documented(prd);
    expect(lines.filter((line) => !isExporter(line)).sort()).toEqual(coded.filter((line) => !isExporter(line)).sort());
    expect(lines).toEqual(expect.arrayContaining(coded.filter(isExporter)));
    expect(new Set(lines.filter(isExporter).map((line) => Number(line.split(" ")[1])))).toEqual(exporters);
  });

  it("keeps what only the server itself may reach inside the containers' network", () => {
    expect(publishedPorts("nervous")).not.toContain(9465);
    expect(publishedPorts("nervous")).toContain(9092);
  });

  it("publishes neither what the host listens on nor what is not built yet", () => {
    expect(publishedPorts("workhorse")).toEqual([5000, 5432, 6379, 6566, 8090, 9100, 9121, 9187, 9464]);
  });

  it("opens neither the Docker API nor ZooKeeper", () => {
    expect(NETWORK.map(({ port }) => port)).not.toContain(2375);
    expect(NETWORK.map(({ port }) => port)).not.toContain(2181);
  });
});
