import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "marquee-borders-"));

/** Each file breaks one rule; the last breaks none. */
const PLANTED = {
  "workhorse/src/a.ts": `import { x } from "@marquee/controltower/serving/app";\nx();\n`,
  "workhorse/src/b.ts": `import { x } from "../../nervous/src/logs.ts";\nx();\n`,
  "controltower/src/c.ts": `import { x } from "@marquee/infra/network";\nx();\n`,
  "nervous/src/d.ts": `import { x } from "@marquee/workhorse/archive/archive";\nx();\n`,
  "shared/src/e.ts": `import { x } from "@marquee/workhorse/archive/archive";\nx();\n`,
  "shared/src/cycle-1.ts": `import { two } from "./cycle-2.ts";\nexport const one = () => two();\n`,
  "shared/src/cycle-2.ts": `import { one } from "./cycle-1.ts";\nexport const two = (): unknown => one;\n`,
  "workhorse/src/f.ts": `import { x } from "@marquee/shared/contracts/time";\nx();\n`,
  "infra/g.ts": `import { x } from "@marquee/workhorse/archive/archive";\nimport { y } from "@marquee/controltower/serving/app";\nx(y);\n`,
  "shared/src/long.ts": Array.from({ length: 401 }, (_, i) => `export const n${i} = ${i};\n`).join(""),
  "shared/src/environment.ts": "export const port = process.env.PORT;\n",
};

let findings: { category: string; file: string }[] = [];

beforeAll(async () => {
  const config = JSON.parse(readFileSync(join(REPOSITORY, "biome.json"), "utf8")) as object;
  writeFileSync(join(folder, "biome.json"), JSON.stringify({ ...config, $schema: undefined, vcs: { enabled: false } }));
  for (const [path, text] of Object.entries(PLANTED)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  findings = await lint();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function lint(): Promise<typeof findings> {
  const { promise, resolve } = Promise.withResolvers<typeof findings>();
  const biome = join(REPOSITORY, "node_modules/@biomejs/biome/bin/biome");
  execFile(
    process.execPath,
    [biome, "lint", "--reporter=json", "--max-diagnostics=none", "."],
    { cwd: folder, maxBuffer: 1e8 },
    (_error, stdout) => {
      const report = JSON.parse(stdout.slice(stdout.indexOf("{"))) as {
        diagnostics: { category: string; location: { path: unknown } }[];
      };
      resolve(report.diagnostics.map(({ category, location }) => ({ category, file: JSON.stringify(location.path) })));
    },
  );
  return promise;
}

const broken = (file: string) =>
  findings.filter((finding) => finding.file.includes(file)).map(({ category }) => category);

describe("the linter holds the borders", () => {
  it.each([
    ["workhorse/src/a.ts", "lint/style/noRestrictedImports", "a service does not import another"],
    ["workhorse/src/b.ts", "lint/style/noRestrictedImports", "not by a relative path either"],
    ["controltower/src/c.ts", "lint/style/noRestrictedImports", "nobody imports infra"],
    ["nervous/src/d.ts", "lint/style/noRestrictedImports", "nervous is a service too"],
    ["shared/src/e.ts", "lint/style/noRestrictedImports", "shared knows no service"],
    ["shared/src/cycle-1.ts", "lint/suspicious/noImportCycles", "there are no cycles"],
    ["shared/src/long.ts", "lint/style/noExcessiveLinesPerFile", "a file ends at 400 lines"],
    ["shared/src/environment.ts", "lint/style/noProcessEnv", "the environment is read in env.ts alone"],
  ])("%s breaks %s: %s", (file, rule, _why) => {
    expect(broken(file)).toContain(rule);
  });

  it.each(["workhorse/src/f.ts", "infra/g.ts"])("and lets %s pass", (file) => {
    expect(broken(file)).toEqual([]);
  });
});
