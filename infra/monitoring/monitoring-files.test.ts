import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { DASHBOARDS } from "../grafana/dashboards.ts";
import { AS_SHIPPED, monitoringFiles } from "./monitoring-files.ts";

const root = join(import.meta.dirname, "../..");
const shipped = monitoringFiles(AS_SHIPPED);

describe("the monitoring files", () => {
  it.each(Object.entries(shipped))("%s is what its builder makes", (path, made) => {
    const committed = existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : "";
    expect(committed === made, `${path} is not what its builder makes: run "npm run monitoring" and commit it`).toBe(
      true,
    );
  });

  it("are all there is in Grafana's provisioning folder", () => {
    const folder = "infra/grafana/provisioning";
    const found = globSync("**/*.*", { cwd: join(root, folder) }).map((file) => `${folder}/${file}`);
    expect(found.sort()).toEqual(
      Object.keys(shipped)
        .filter((path) => path.startsWith(folder))
        .sort(),
    );
  });

  it("differ in waiting times alone at another scale", () => {
    const withoutTimes = (files: Record<string, string>) =>
      Object.fromEntries(
        Object.entries(files).map(([path, text]) => [
          path,
          text.replace(/^(\s*(?:-? ?)(?:for|keep_firing_for|\w+_interval|\w+_timeout|group_wait): ).*$/gm, "$1"),
        ]),
      );
    const scaled = monitoringFiles({ ...AS_SHIPPED, scale: 0.02 });
    expect(scaled["infra/prometheus/rules.yml"]).not.toBe(shipped["infra/prometheus/rules.yml"]);
    expect(withoutTimes(scaled)).toEqual(withoutTimes(shipped));
  });

  it("give Grafana's panels the data source that is provisioned", () => {
    const { datasources } = parse(shipped["infra/grafana/provisioning/datasources/prometheus.yml"] ?? "") as {
      datasources: { uid: string; type: string }[];
    };
    for (const own of DASHBOARDS.map(({ uid }) => uid)) {
      const used = (shipped[`infra/grafana/provisioning/dashboards/${own}.json`] ?? "").matchAll(/"uid": "([\w-]+)"/g);
      expect(new Set([...used].map(([, uid]) => uid))).toEqual(new Set([own, ...datasources.map(({ uid }) => uid)]));
    }
  });
});
