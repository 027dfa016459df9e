import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { renderDockerfile } from "./dockerfile.ts";
import { SERVICES } from "./services.ts";

const root = join(import.meta.dirname, "../..");

describe("the images", () => {
  it.each(SERVICES)("$name.Dockerfile is what the code makes", async (service) => {
    await expect(renderDockerfile(service)).toMatchFileSnapshot(`${service.name}.Dockerfile`);
  });

  it.each(SERVICES)("$name starts with a file that exists", ({ entry }) => {
    expect(existsSync(join(root, entry))).toBe(true);
  });

  it("are one for each service and no other", () => {
    const names = globSync("*.Dockerfile", { cwd: import.meta.dirname }).map((file) => file.replace(".Dockerfile", ""));
    // MLflow's own image lacks what PostgreSQL, S3 and passwords need, so it has one of ours.
    expect(names.sort()).toEqual([...SERVICES.map(({ name }) => name), "mlflow"].sort());
  });

  it("have the major version of Node that the repository pins", () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      dependencies: { node: string };
    };
    const [, major] = /NODE_IMAGE=node:(\d+)-/.exec(renderDockerfile(SERVICES[0]!)) ?? [];
    expect(major).toBe(dependencies.node.split(".")[0]);
  });
});
