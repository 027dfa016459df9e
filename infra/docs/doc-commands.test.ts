import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { createProgram } from "../cli/program.ts";
import { HELP as START_HELP } from "../local/help.ts";
import { HELP as SANDBOX_HELP } from "../sandbox/command-line.ts";
import { commandsOf, flagsOf } from "./doc-commands.ts";

const root = join(import.meta.dirname, "../..");
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };
const pages = globSync(["*.md", "docs/**/*.md", "infra/**/*.md", "nervous/*.md", ".github/**/*.md"], { cwd: root });
const commands = pages.flatMap((page) =>
  commandsOf(readFileSync(join(root, page), "utf8")).map((command) => ({ page, ...command })),
);

/** Flags of `marquee COMMAND`, or of `marquee GROUP COMMAND`, as the command line itself knows them. */
function marqueeFlags(args: readonly string[]): string[] | undefined {
  const find = (parent: Command, name: string | undefined) =>
    parent.commands.find((candidate) => candidate.name() === name);
  const command = find(createProgram({ write: () => undefined }), args[0]);
  const named = command?.commands.length ? find(command, args[1]) : command;
  return named?.options.map(({ long }) => long ?? "");
}

describe("the commands that the pages tell", () => {
  it("are found", () => {
    expect(commandsOf('run `npm run marquee -- predict --title "The Long Take" --explain`, then npm test')).toEqual([
      {
        text: 'npm run marquee -- predict --title "The Long Take" --explain',
        script: "marquee",
        args: ["predict", "--title", "The Long Take", "--explain"],
      },
      { text: "npm test", script: "test", args: [] },
    ]);
    expect(commands.length).toBeGreaterThan(20);
  });

  it.each(commands)("$page: $text exists", ({ script, args }) => {
    expect(Object.keys(scripts)).toContain(script);
    if (script === "start") for (const flag of flagsOf(args)) expect(START_HELP).toContain(`  ${flag} `);
    if (script === "sandbox") for (const flag of flagsOf(args)) expect(SANDBOX_HELP).toContain(`  ${flag} `);
    if (script === "marquee" && args.length > 0)
      expect(marqueeFlags(args)).toEqual(expect.arrayContaining(flagsOf(args)));
  });
});
