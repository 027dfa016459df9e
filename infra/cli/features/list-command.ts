import type { Command } from "commander";
import type { Output } from "../program.ts";
import { type CommonFlags, jobCommand, runJob } from "../run-job.ts";
import { describeViews } from "./views-report.ts";

export function listCommand(output: Output): Command {
  return jobCommand(
    "list",
    "List the feature views of this release: version, columns, time to live, owner, who registered them and what reads them",
    "features list",
  ).action((flags: CommonFlags) =>
    runJob(output, { command: "features list", flags }, ({ context }) => describeViews(context.database)),
  );
}
