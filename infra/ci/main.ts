import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { countTests, type Part, summarise, type VitestReport } from "./summary.ts";

/** Reads what .ci/run left in a folder (parts.tsv and a vitest report per tier) and prints the closing page. */
const folder = process.argv[2] ?? ".";
const parts = readFileSync(join(folder, "parts.tsv"), "utf8")
  .trim()
  .split("\n")
  .map((line): Part => {
    const [name = "", exitCode, seconds] = line.split("\t");
    const report = join(folder, `${name}.json`);
    const part = { name, exitCode: Number(exitCode), seconds: Number(seconds) };
    return existsSync(report)
      ? { ...part, tests: countTests(JSON.parse(readFileSync(report, "utf8")) as VitestReport) }
      : part;
  });
const { text, green } = summarise(parts);
console.log(`\n${text}`);
process.exitCode = green ? 0 : 1;
