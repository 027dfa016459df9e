import { findSkew, notCompared } from "@marquee/workhorse/feature-store/skew/run-skew-check";
import { createOfflineStore } from "@marquee/workhorse/offline-store/create-offline-store";
import type { Command } from "commander";
import { parseLimit, parseSeed } from "../flag-values.ts";
import type { Job } from "../open-job.ts";
import type { Output } from "../program.ts";
import { type CommonFlags, type JobOutcome, jobCommand, runJob } from "../run-job.ts";
import { describeSkew, skewFound } from "./checks-report.ts";
import { onJobOnlineStore } from "./job-online-store.ts";

interface SkewFlags extends CommonFlags {
  films: number;
  seed?: number;
}

export function checkSkewCommand(output: Output): Command {
  return jobCommand(
    "check-skew",
    "Hold what lies online against what was built, bit for bit, on a sample of films; ends with 1 where anything differs or could not be compared",
    "features check-skew --films 1000",
  )
    .option("--films <n>", "so many films", parseLimit, 200)
    .option("--seed <n>", "which films: the same seed, the same films (the moment)", parseSeed)
    .action((flags: SkewFlags) =>
      runJob(output, { command: "features check-skew", flags }, (job) => checkSkew(job, flags)),
    );
}

async function checkSkew(job: Job, { films, seed }: SkewFlags): Promise<JobOutcome> {
  const report = await onJobOnlineStore(job, (online) =>
    findSkew(job.context, {
      ...{ online, offline: createOfflineStore(job.context), films },
      ...(seed === undefined ? {} : { seed }),
    }),
  );
  const { findings } = report;
  const failed = findings.length > 0 ? skewFound(report) : notCompared(report);
  return {
    ...{ rowsIn: report.films, rowsOut: findings.length, detail: { ...report }, text: describeSkew(report) },
    ...(failed === undefined ? {} : { failed }),
  };
}
