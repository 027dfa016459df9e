import { Argument, type Command } from "commander";
import type { Output } from "../program.ts";
import { type CommonFlags, jobCommand, runJob } from "../run-job.ts";
import { describeChange } from "./view-change-report.ts";
import { parseViewReference, type ViewReference } from "./view-reference.ts";

export function diffCommand(output: Output): Command {
  return jobCommand(
    "diff",
    "Say what sets two versions of a feature view apart: two of the registry, or one and what this release has",
    "features diff film_metadata",
  )
    .addArgument(
      new Argument(
        "<view>",
        "film_metadata: the newest of the registry; or one version, as `features show` lists them: film_metadata@2",
      ).argParser(parseViewReference),
    )
    .addArgument(new Argument("[other]", "this release's version unless given").argParser(parseViewReference))
    .action((view: ViewReference, other: ViewReference | undefined, flags: CommonFlags) =>
      runJob(output, { command: "features diff", flags }, ({ context }) =>
        describeChange(context.database, view, other),
      ),
    );
}
