import type { CalendarDate } from "@marquee/shared/contracts/time";
import { type MaterializeInput, materializeStep } from "@marquee/workhorse/tasks/steps";
import { trackedStep } from "@marquee/workhorse/tasks/tracked-step";
import { type Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import { count } from "../../local/reporter.ts";
import { parseDay } from "../flag-values.ts";
import type { Job } from "../open-job.ts";
import type { Output } from "../program.ts";
import { type CommonFlags, type JobOutcome, jobCommand, runJob } from "../run-job.ts";
import { textTable } from "../text-table.ts";
import { onJobOnlineStore } from "./job-online-store.ts";

interface MaterializeFlags extends CommonFlags {
  from?: CalendarDate;
  to?: CalendarDate;
  views?: string[];
}

export function materializeCommand(output: Output): Command {
  return jobCommand(
    "materialize",
    "Write the latest features into the online store, all or of a range; readers are not disturbed. A range retires nothing, and the next materialize-incremental makes it whole",
    "features materialize --from 2010-01-01 --to 2011-01-01 --views film_metadata,film_text",
  )
    .option("--from <day>", "rows whose event time is on this day or later", parseDay)
    .option("--to <day>", "rows whose event time is before this day", parseDay)
    .option("--views <names>", "these views alone, by name, separated by commas", parseNames)
    .action(async (flags: MaterializeFlags, command: Command) => {
      const { from, to, views } = flags;
      if (from !== undefined && to !== undefined && from >= to)
        command.error("error: --from must be a day before --to");
      const asked: MaterializeInput = { mode: "full", from, to, views };
      await runJob(output, { command: "features materialize", flags }, (job) => bringOnline(job, asked));
    });
}

export function materializeIncrementalCommand(output: Output): Command {
  return jobCommand(
    "materialize-incremental",
    "Write into the online store what has changed since what lies there, remove what is gone, and say that all else is still right",
    "features materialize-incremental",
  ).action((flags: CommonFlags) =>
    runJob(output, { command: "features materialize-incremental", flags }, (job) =>
      bringOnline(job, { mode: "incremental" }),
    ),
  );
}

async function bringOnline(job: Job, asked: MaterializeInput): Promise<JobOutcome> {
  const { unchanged: _, ...result } = await onJobOnlineStore(job, (online) =>
    trackedStep(job.context, materializeStep(online, asked)),
  );
  const { removed, at, views } = detailSchema.parse(result.detail);
  return {
    ...result,
    text: textTable(
      ["views", "how", "written", "removed"],
      Object.entries(views).map(([names, one]) => [names, HOW[one.mode], one.written, one.removed]),
    ),
    changed: `${count(result.rowsOut)} values written, ${count(removed)} removed, as of ${at}`,
  };
}

const HOW = {
  full: "all",
  changes: "changes",
  range: "range",
  retire: "written before",
  done: "done before",
  ahead: "a later build lies there",
} as const;

const detailSchema = z.object({
  removed: z.int(),
  at: z.string(),
  views: z.record(
    z.string(),
    z.object({
      mode: z.enum(["full", "changes", "range", "retire", "done", "ahead"]),
      written: z.int(),
      removed: z.int(),
    }),
  ),
});

function parseNames(text: string): string[] {
  const names = text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (names.length === 0) throw new InvalidArgumentError("It must be one name at least.");
  return names;
}
