import {
  listQuarantine,
  type QuarantineCount,
  type QuarantineFilter,
  type QuarantineRow,
} from "@marquee/workhorse/catalog/list-quarantine";
import { replayQuarantine } from "@marquee/workhorse/catalog/replay-quarantine";
import { trackedStep } from "@marquee/workhorse/tasks/tracked-step";
import { Command, Option } from "commander";
import { count } from "../local/reporter.ts";
import { parseLimit } from "./flag-values.ts";
import { gateWarnings } from "./gate-warnings.ts";
import { gated } from "./gated.ts";
import type { Job } from "./open-job.ts";
import type { Output } from "./program.ts";
import { type CommonFlags, type JobOutcome, jobCommand, runJob } from "./run-job.ts";
import { textTable } from "./text-table.ts";

const SOURCES = ["tmdb", "imdb"] as const;

interface FilterFlags extends CommonFlags {
  source?: (typeof SOURCES)[number];
  reason?: string;
}

interface ListFlags extends FilterFlags {
  payload?: boolean;
  limit: number;
}

export function quarantineCommand(output: Output): Command {
  const list = filtered(
    jobCommand(
      "list",
      "List what could not be taken into the catalog: how much for which reason, then the latest of it",
      "quarantine list --source tmdb --reason schema --payload",
    ),
  )
    .option("--payload", "with what was refused, as it came")
    .option("--limit <number>", "the latest so many", parseLimit, 50)
    .action((flags: ListFlags) =>
      runJob(output, { command: "quarantine list", flags }, async ({ context: { database } }) =>
        listed(
          await listQuarantine(database, { ...filterOf(flags), limit: flags.limit, payload: flags.payload === true }),
        ),
      ),
    );
  const replay = filtered(
    jobCommand(
      "replay",
      "Try again, with today's code and from the archive, what could not be taken; what passes leaves the quarantine",
      "quarantine replay --source tmdb --reason schema",
    ),
  ).action((flags: FilterFlags) =>
    runJob(output, { command: "quarantine replay", flags }, (job) => replayed(job, filterOf(flags))),
  );
  return new Command("quarantine")
    .description("What the sources said and the catalog could not take")
    .addCommand(list)
    .addCommand(replay);
}

function filtered(command: Command): Command {
  return command
    .addOption(new Option("--source <source>", "of one of the sources alone").choices(SOURCES))
    .option("--reason <reason>", "for one reason alone, as quarantine list names it");
}

function filterOf({ source, reason }: FilterFlags): QuarantineFilter {
  return { source, reason };
}

function listed({ counts, rows }: { counts: QuarantineCount[]; rows: QuarantineRow[] }): JobOutcome {
  const day = (moment: Date) => moment.toISOString().slice(0, 10);
  const tables = [
    textTable(
      ["source", "reason", "rows", "first seen", "last seen"],
      counts.map((row) => [row.source, row.reason, row.rows, day(row.firstSeen), day(row.lastSeen)]),
    ),
    textTable(
      ["source", "id", "reason", "seen", "last", "fetch", "detail"],
      rows.map((row) => [
        row.source,
        row.sourceId,
        row.reason,
        row.timesSeen,
        day(row.lastSeen),
        row.manifestKey,
        "payload" in row ? `${row.detail} ${JSON.stringify(row.payload)}` : row.detail,
      ]),
    ),
  ];
  return {
    rowsIn: counts.reduce((sum, row) => sum + row.rows, 0),
    rowsOut: rows.length,
    detail: { counts, rows },
    text: counts.length === 0 ? "Nothing is in quarantine." : tables.join("\n\n"),
  };
}

async function replayed({ context, archive }: Job, filter: QuarantineFilter): Promise<JobOutcome> {
  const { unchanged: _, ...result } = await trackedStep(context, {
    step: "catalog",
    work: gated((running) => replayQuarantine(running, archive, filter)),
  });
  const { rowsIn, rowsOut, detail } = result;
  const left = `${count(Number(detail.left))} are in quarantine`;
  const changed =
    rowsIn === 0
      ? `nothing to try again (release years are compared anew by every load); ${left}`
      : `${count(rowsOut)} of ${count(rowsIn)} have left, ${left}`;
  return { ...result, text: gateWarnings(result), changed };
}
