import { acceptRun } from "@marquee/workhorse/data-quality/accept-run";
import type { Step } from "@marquee/workhorse/tasks/tracked-step";
import { Argument, Command } from "commander";
import { parseRunId } from "./flag-values.ts";
import type { Output } from "./program.ts";
import { describeChecks, describeDrift } from "./quality-report.ts";
import { type CommonFlags, jobCommand, runJob } from "./run-job.ts";

interface ShowFlags extends CommonFlags {
  all?: boolean;
}

interface AcceptFlags extends CommonFlags {
  by: string;
  reason: string;
}

/** What takes in what was stopped, by the step whose run it was. */
const NEXT: Partial<Record<Step, string>> = {
  catalog: "Load again to take in what was stopped: npm run marquee -- catalog load",
  features: "The next run of the pipeline daily builds the features.",
};

export function qualityCommand(output: Output): Command {
  const show = jobCommand(
    "show",
    "Show what the latest load of each file and table was worth, or one run: value, what was expected, stop, warn or pass",
    "quality show",
  )
    .addArgument(new Argument("[run]", "id of one step's run").argParser(parseRunId))
    .option("--all", "with what passed")
    .action((run: string | undefined, flags: ShowFlags) =>
      runJob(output, { command: "quality show", flags }, ({ context }) =>
        describeChecks(context.database, { run, all: flags.all === true }),
      ),
    );
  const accept = jobCommand(
    "accept",
    "Say that a load which was stopped is right after all; the next load takes its figures as the last good ones",
    'quality accept 0197b1a8-3f5e-7c52-9a55-0d4f3a3c1f10 --by kim --reason "IMDb removed duplicates"',
  )
    .addArgument(
      new Argument("<run>", "id of the run that was stopped, as quality show prints it").argParser(parseRunId),
    )
    .requiredOption("--by <name>", "who says so")
    .requiredOption("--reason <text>", "why")
    .action((run: string, flags: AcceptFlags) =>
      runJob(output, { command: "quality accept", flags }, async ({ context }) => {
        const step = await acceptRun(context, run, flags.by, flags.reason);
        const text = `Accepted run ${run}. ${NEXT[step] ?? ""}`.trimEnd();
        return { rowsIn: 1, rowsOut: 1, detail: { run, by: flags.by, reason: flags.reason }, text };
      }),
    );
  const drift = jobCommand(
    "drift",
    "List fields of the sources that came, went, or were null for the first time",
    "quality drift",
  ).action((flags: CommonFlags) =>
    runJob(output, { command: "quality drift", flags }, ({ context }) => describeDrift(context.database)),
  );
  return new Command("quality")
    .description("What the quality gate found in each load")
    .addCommand(show)
    .addCommand(accept)
    .addCommand(drift);
}
