import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { parseArgs } from "node:util";
import { loadSettings } from "@marquee/shared/service/env";
import { errorMessage } from "@marquee/shared/service/errors";
import { runnerSettings, variablesAt } from "./env.ts";

const SUFFIX = ".endurance.test.ts";
const FOLDER = import.meta.dirname;

function testNames(): string[] {
  return globSync(`*${SUFFIX}`, { cwd: FOLDER })
    .map((file) => file.slice(0, -SUFFIX.length))
    .sort();
}

const HELP = `Runs the tests with the big counts, over real servers.

  npm run test:endurance -- NAME... [--scale full|ci] [--seed NUMBER]

NAME is one or more of: ${testNames().join(", ")}; or all.
--scale full (default) takes minutes to hours; ci is what the integration tier runs.
Needs DATABASE_URL of a server on which databases may be made; results go into docs/proofs.md with date and command.
`;

/** @returns vitest's arguments and settings, or what is wrong with the call */
function readCall(words: readonly string[]): { files: string[]; scale: string; seed: string } | string {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: { scale: { type: "string", default: "full" }, seed: { type: "string", default: "1" } },
  });
  const known = testNames();
  const names = positionals.includes("all") ? known : positionals;
  const unknown = names.filter((name) => !known.includes(name));
  if (names.length === 0 || unknown.length > 0)
    return `${unknown.length > 0 ? `There is no test ${unknown.join(", ")}` : "Name a test"}: ${known.join(", ")}, or all.`;
  if (values.scale !== "full" && values.scale !== "ci") return `--scale accepts full or ci, not ${values.scale}.`;
  if (!/^[1-9]\d{0,8}$/.test(values.seed)) return `--seed accepts a whole number from 1, not ${values.seed}.`;
  return { files: names.map((name) => `infra/endurance/${name}${SUFFIX}`), scale: values.scale, seed: values.seed };
}

function run(words: readonly string[]): void {
  if (words.includes("--help")) {
    console.log(HELP);
    return;
  }
  let call: ReturnType<typeof readCall>;
  try {
    call = readCall(words);
    loadSettings(runnerSettings);
  } catch (error) {
    call = errorMessage(error);
  }
  if (typeof call === "string") {
    console.error(`${call} --help tells more.`);
    process.exitCode = 2;
    return;
  }
  const child = spawn("npx", ["vitest", "run", "--project", "endurance", ...call.files], {
    stdio: "inherit",
    env: variablesAt(call.scale, call.seed),
  });
  child.once("close", (code) => {
    process.exitCode = code ?? 1;
  });
}

run(process.argv.slice(2));
