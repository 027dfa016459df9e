import type { CalendarDate } from "@marquee/shared/contracts/time";
import type { Archive, ListedManifest } from "@marquee/workhorse/archive/archive";
import { ARCHIVE_SOURCES, type ArchiveSource } from "@marquee/workhorse/archive/manifest";
import { repairArchive } from "@marquee/workhorse/tasks/repair-archive";
import { archiveStep } from "@marquee/workhorse/tasks/steps";
import { trackedStep } from "@marquee/workhorse/tasks/tracked-step";
import { listArchive } from "@marquee/workhorse/tasks/verify-archive";
import { Command, Option } from "commander";
import { count } from "../local/reporter.ts";
import { parseDay, parseLimit } from "./flag-values.ts";
import type { Job } from "./open-job.ts";
import type { Output } from "./program.ts";
import { describeRepair } from "./repair-report.ts";
import { type CommonFlags, type JobOutcome, jobCommand, runJob } from "./run-job.ts";
import { textTable } from "./text-table.ts";

interface SourceFlags extends CommonFlags {
  source?: ArchiveSource;
}

interface VerifyFlags extends SourceFlags {
  repair?: true;
}

interface ListFlags extends SourceFlags {
  since?: CalendarDate;
  limit: number;
}

export function archiveCommand(output: Output): Command {
  const list = jobCommand(
    "list",
    "List the latest fetches: when, from where, what, how much",
    "archive list --source imdb",
  )
    .addOption(sourceOption())
    .option("--since <day>", "only those fetched on this day or later", parseDay)
    .option("--limit <number>", "the latest so many", parseLimit, 50)
    .action((flags: ListFlags) =>
      runJob(output, { command: "archive list", flags }, async ({ archive }) =>
        listed(await latestFetches(archive, flags), flags),
      ),
    );
  const verify = jobCommand(
    "verify",
    "Read every object back, compare it with its hash, and name those that are damaged or missing",
    "archive verify",
  )
    .addOption(sourceOption().conflicts("repair"))
    .option(
      "--repair",
      "take those out, so that the next collection fetches what they held; tells what is lost for good",
    )
    .action((flags: VerifyFlags) =>
      runJob(output, { command: "archive verify", flags }, (job) =>
        flags.repair === true ? repaired(job) : verified(job, flags.source),
      ),
    );
  return new Command("archive")
    .description("Look at what was fetched from the sources, as it came")
    .addCommand(list)
    .addCommand(verify);
}

function sourceOption(): Option {
  return new Option("--source <source>", "one of the sources alone").choices(ARCHIVE_SOURCES);
}

interface LatestFetches {
  fetches: ListedManifest[];
  /** How many there are, those beyond the limit too. */
  total: number;
}

/** Newest first. The days stand in the keys, so that only the manifests of the days that are shown are read. */
async function latestFetches(archive: Archive, { source, since, limit }: ListFlags): Promise<LatestFetches> {
  const fetches: ListedManifest[] = [];
  let total = 0;
  for (const name of source === undefined ? ARCHIVE_SOURCES : [source]) {
    const days: string[] = [];
    for await (const key of archive.keys(name)) days.push(dayOfKey(key));
    days.sort();
    total += days.filter((day) => day >= (since ?? "")).length;
    const from = [days.at(-limit) ?? "", since ?? ""].sort().at(-1) ?? "";
    fetches.push(...(await archive.pending(name, (key) => dayOfKey(key) < from)));
  }
  fetches.sort((a, b) => Date.parse(b.manifest.fetchedAt) - Date.parse(a.manifest.fetchedAt));
  return { fetches: fetches.slice(0, limit), total };
}

/** `archive/manifests/tmdb/2026-11-21/…` */
function dayOfKey(key: string): string {
  return key.split("/")[3] ?? "";
}

function listed({ fetches, total }: LatestFetches, { source, since }: ListFlags): JobOutcome {
  const rows = fetches.map(({ manifest: m }) => [
    m.fetchedAt.slice(0, 19).replace("T", " "),
    m.source,
    m.name,
    m.cursor,
    m.rows,
    m.bytes,
    m.sha256.slice(0, 12),
  ]);
  const table = textTable(["fetched (UTC)", "source", "name", "cursor", "rows", "bytes", "sha256"], rows);
  return {
    rowsIn: 0,
    rowsOut: fetches.length,
    detail: { total, fetches: fetches.map(({ key, manifest }) => ({ key, ...manifest })) },
    text: total === 0 ? nothingFetched(source, since) : `${table}\n\n${shownOf(fetches.length, total)}`,
  };
}

function nothingFetched(source: ArchiveSource | undefined, since: CalendarDate | undefined): string {
  if (since !== undefined) return `Nothing was fetched since ${since}.`;
  return `Nothing was fetched yet: npm run marquee -- collect${source === undefined ? "" : ` ${source}`}`;
}

function shownOf(shown: number, total: number): string {
  return shown === total ? `${count(total)} fetches.` : `The latest ${count(shown)} of ${count(total)} fetches.`;
}

async function verified({ archive, context }: Job, source: ArchiveSource | undefined): Promise<JobOutcome> {
  const listing = await listArchive(archive, source === undefined ? ARCHIVE_SOURCES : [source]);
  const { inputHash, ...step } = archiveStep(archive, listing, { all: true });
  const { unchanged: _, ...result } = await trackedStep(context, {
    ...step,
    // A part that is whole says nothing of the rest, so that `npm start` may not take it for the whole.
    ...(source === undefined && inputHash !== undefined ? { inputHash } : {}),
    stillThere: async () => false,
  });
  const { fetches, bytes } = result.detail;
  return { ...result, text: "", changed: `${count(Number(fetches))} fetches, ${megabytes(Number(bytes))}, all whole` };
}

async function repaired({ archive, context }: Job): Promise<JobOutcome> {
  const result = await repairArchive(context, archive);
  return { ...result, ...describeRepair(result.detail) };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
