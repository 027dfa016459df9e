import type { Command } from "commander";
import { parseLimit } from "../flag-values.ts";
import type { Output } from "../program.ts";
import { type CommonFlags, jobCommand, runJob } from "../run-job.ts";
import { describeDatasets } from "./datasets-report.ts";

interface DatasetsFlags extends CommonFlags {
  limit: number;
}

export function datasetsCommand(output: Output): Command {
  return jobCommand(
    "datasets",
    "List the feature datasets, the newest first: what each was built from, its size, and which models learned from it",
    "features datasets --limit 10",
  )
    .option("--limit <number>", "the latest so many", parseLimit, 50)
    .action((flags: DatasetsFlags) =>
      runJob(output, { command: "features datasets", flags }, ({ context }) =>
        describeDatasets(context.database, flags.limit),
      ),
    );
}
