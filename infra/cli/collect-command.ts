import type { CalendarDate } from "@marquee/shared/contracts/time";
import { MarqueeError } from "@marquee/shared/service/errors";
import { ANSWERED } from "@marquee/workhorse/data-quality/collection-figures";
import { collectStep } from "@marquee/workhorse/tasks/steps";
import { trackedStep } from "@marquee/workhorse/tasks/tracked-step";
import { Argument, type Command } from "commander";
import { z } from "zod";
import { count } from "../local/reporter.ts";
import { parseDay } from "./flag-values.ts";
import { gateWarnings } from "./gate-warnings.ts";
import type { Job } from "./open-job.ts";
import type { Output } from "./program.ts";
import { type CommonFlags, type JobOutcome, jobCommand, runJob } from "./run-job.ts";

const SOURCES = ["tmdb", "imdb"] as const;
type Source = (typeof SOURCES)[number];

interface CollectFlags extends CommonFlags {
  since?: CalendarDate;
}

export function collectCommand(output: Output): Command {
  return jobCommand(
    "collect",
    "Bring what is new at TMDB and IMDb into the archive. Stopped at any moment, the next call goes on.",
    "collect tmdb --since 2026-11-01",
  )
    .addArgument(new Argument("[source]", "one of the sources alone").choices(SOURCES))
    .option("--since <day>", "TMDB: films released or changed since this day, beside the daily collection", parseDay)
    .action(async (source: Source | undefined, flags: CollectFlags, command: Command) => {
      if (flags.since !== undefined && source !== "tmdb")
        command.error("error: --since goes with TMDB alone: marquee collect tmdb --since DAY");
      await runJob(output, { command: "collect", flags }, (job) => collectSource(job, source, flags.since));
    });
}

async function collectSource(
  { context, sources, archive, options, profile }: Job,
  source: Source | undefined,
  since: CalendarDate | undefined,
): Promise<JobOutcome> {
  if (source !== "imdb" && profile.sandbox === undefined && options.TMDB_API_KEY === undefined) {
    throw new MarqueeError(
      "SETTINGS_INVALID",
      "TMDB_API_KEY is not set, and TMDB needs one (free at https://www.themoviedb.org/settings/api). Set it, or collect from IMDb alone: marquee collect imdb.",
    );
  }
  const { close, ...clients } = sources.open(context.signal, context.onNotice);
  try {
    const step = collectStep(clients, archive, { source, since });
    const { unchanged: _, ...result } = await trackedStep(context, { ...step, stillThere: async () => false });
    const text = [`From ${sources.description}.`, gateWarnings(result)].filter((line) => line !== "").join("\n");
    return { ...result, text, changed: wordsOf(requestsSchema.parse(result.detail)) };
  } finally {
    await close();
  }
}

const requestsSchema = z.object({
  fetched: z.int().optional(),
  gone: z.int().optional(),
  files: z.int().optional(),
  missing: z.array(z.string()).optional(),
  requests: z.record(z.string(), z.record(z.string(), z.int())),
});

function wordsOf({ fetched, gone = 0, files, missing = [], requests }: z.infer<typeof requestsSchema>): string {
  const faults = Object.entries(requests).flatMap(([source, outcomes]) =>
    Object.entries(outcomes)
      .filter(([outcome]) => !ANSWERED.has(outcome))
      .map(([outcome, number]) => `${count(number)} ${outcome} of ${source}`),
  );
  return [
    ...(fetched === undefined ? [] : [`${count(fetched)} films fetched`]),
    ...(gone === 0 ? [] : [`${count(gone)} that TMDB has no more`]),
    ...(files === undefined ? [] : [`${count(files)} IMDb files`]),
    ...(missing.length === 0 ? [] : [`not there: ${missing.join(", ")}`]),
    faults.length === 0 ? "no faults met" : `faults met: ${faults.join(", ")}`,
  ].join(", ");
}
