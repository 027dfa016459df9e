import { Argument, type Command } from "commander";
import type { Output } from "../program.ts";
import { type CommonFlags, jobCommand, runJob } from "../run-job.ts";
import { parseViewReference, type ViewReference } from "./view-reference.ts";
import { describeView } from "./view-report.ts";

export function showCommand(output: Output): Command {
  return jobCommand(
    "show",
    "Show a feature view with its columns as this release has it, or a version of the registry",
    "features show film_metadata",
  )
    .addArgument(new Argument("<view>", "film_metadata, or one version: film_metadata@2").argParser(parseViewReference))
    .action((view: ViewReference, flags: CommonFlags) =>
      runJob(output, { command: "features show", flags }, ({ context }) => describeView(context.database, view)),
    );
}
