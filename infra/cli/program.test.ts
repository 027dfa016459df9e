import { type Command, CommanderError } from "commander";
import { describe, expect, it } from "vitest";
import { createProgram } from "./program.ts";

/** Every command with its whole name, such as `catalog load`, groups left out. */
function commandsOf(parent: Command, prefix = ""): [string, Command][] {
  return parent.commands.flatMap((command): [string, Command][] => {
    const name = `${prefix}${command.name()}`;
    return command.commands.length > 0 ? commandsOf(command, `${name} `) : [[name, command]];
  });
}

/** The program with what it writes; nothing of it goes to this process's own output. */
function quietProgram() {
  let written = "";
  const write = (text: string) => {
    written += text;
  };
  const program = createProgram({ write });
  const apply = (command: Command): void => {
    command.configureOutput({ writeOut: write, writeErr: write });
    for (const sub of command.commands) apply(sub);
  };
  apply(program);
  return {
    run: async (words: string) => {
      const error: unknown = await program.parseAsync(words.split(" "), { from: "user" }).catch((e: unknown) => e);
      return { error, written };
    },
  };
}

/** The commands that work on the data platform. */
const DATA = /^(collect|archive|catalog|quarantine|quality|features) ?/;
const names = commandsOf(createProgram({ write: () => undefined }))
  .map(([name]) => name)
  .filter((name) => DATA.test(name));

describe("the command line of the data platform", () => {
  it("has its commands", () => {
    expect(names).toEqual([
      "collect",
      "archive list",
      "archive verify",
      "catalog load",
      "catalog rebuild",
      "catalog show",
      "catalog conflicts",
      "quarantine list",
      "quarantine replay",
      "quality show",
      "quality accept",
      "quality drift",
      "features list",
      "features show",
      "features diff",
      "features materialize",
      "features materialize-incremental",
      "features datasets",
      "features history",
      "features check-leaks",
      "features check-skew",
      "features export-feast",
    ]);
  });

  it.each(names)("helps with an example: %s", async (name) => {
    const { error, written } = await quietProgram().run(`${name} --help`);
    expect(error).toMatchObject({ exitCode: 0 });
    expect(written).toContain(`npm run marquee -- ${name}`);
    expect(written).toContain("--json");
  });

  it.each([
    ["collect --since 2026-02-31", "a day that exists"],
    ["collect imdb --since 2026-02-01", "--since goes with TMDB alone"],
    ["collect wikipedia", "tmdb, imdb"],
    ["archive list --source wikipedia", "tmdb, imdb"],
    ["archive verify --repair --source imdb", "cannot be used with option '--repair'"],
    ["archive list --limit 0", "a whole number from 1"],
    ["catalog conflicts --kind odd", "taken, year, ambiguous"],
    ["quarantine list --limit many", "a whole number from 1"],
    ["quality accept 17 --by kim --reason typo", "the id of a run"],
    ["quality accept 0197b1a8-3f5e-7c52-9a55-0d4f3a3c1f10 --by kim", "--reason"],
    ["features show Film", "a feature view, such as film_metadata"],
    ["features diff film_metadata@0", "film_metadata@2"],
    ["features export-feast feast --url localhost:6566", "begins with http:// or https://"],
    ["catalog load --fast", "--fast"],
    ["catalog reload", "reload"],
  ])("refuses what it does not accept, and says what it does: %s", async (words, accepted) => {
    const { error, written } = await quietProgram().run(words);
    expect(error).toBeInstanceOf(CommanderError);
    expect(error).not.toMatchObject({ exitCode: 0 });
    expect(written).toContain(accepted);
    expect(written).toContain("(add --help for what is accepted)");
  });
});
