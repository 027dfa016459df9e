import { dayOf, epochDay } from "@marquee/shared/contracts/time";
import { findLeaks } from "@marquee/workhorse/feature-store/leaks/assert-no-leaks";
import { LEAK_DAYS } from "@marquee/workhorse/feature-store/leaks/detect-leaks";
import { ROWS_PER_DAY } from "@marquee/workhorse/feature-store/leaks/leak-sample";
import { loadFilms } from "@marquee/workhorse/feature-store/load-films";
import type { Command } from "commander";
import { parseLimit, parseSeed } from "../flag-values.ts";
import type { Job } from "../open-job.ts";
import type { Output } from "../program.ts";
import { type CommonFlags, type JobOutcome, jobCommand, runJob } from "../run-job.ts";
import { describeLeaks, leaksFound } from "./checks-report.ts";

interface LeakFlags extends CommonFlags {
  films: number;
  seed?: number;
}

export function checkLeaksCommand(output: Output): Command {
  return jobCommand(
    "check-leaks",
    "Replace what happened from a film's day on by noise, and see whether any feature of it changes; ends with 1 where one does",
    "features check-leaks --films 2000",
  )
    .option("--films <n>", "about so many films", parseLimit, LEAK_DAYS * ROWS_PER_DAY)
    .option("--seed <n>", "which films: the same seed, the same films (the day)", parseSeed)
    .action((flags: LeakFlags) =>
      runJob(output, { command: "features check-leaks", flags }, (job) => checkLeaks(job, flags)),
    );
}

async function checkLeaks({ context, options }: Job, { films: wanted, seed }: LeakFlags): Promise<JobOutcome> {
  const today = epochDay(dayOf(context.clock.now()));
  const films = await loadFilms(context.database);
  const report = await findLeaks(context, {
    ...{ films, today, maturityDays: options.MATURITY_DAYS, days: Math.ceil(wanted / ROWS_PER_DAY) },
    ...(seed === undefined ? {} : { seed }),
  });
  const { findings } = report;
  return {
    ...{ rowsIn: report.films, rowsOut: findings.length, detail: { ...report }, text: describeLeaks(report) },
    ...(findings.length === 0 ? {} : { failed: leaksFound(report) }),
  };
}
