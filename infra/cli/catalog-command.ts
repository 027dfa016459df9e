import { rebuildCatalog } from "@marquee/workhorse/catalog/rebuild-catalog";
import { catalogStep } from "@marquee/workhorse/tasks/steps";
import { trackedStep } from "@marquee/workhorse/tasks/tracked-step";
import { listArchive } from "@marquee/workhorse/tasks/verify-archive";
import { Command, Option } from "commander";
import { count } from "../local/reporter.ts";
import { CONFLICT_KINDS, type ConflictKind, describeCatalog, listConflicts } from "./catalog-report.ts";
import { parseLimit } from "./flag-values.ts";
import { gateWarnings } from "./gate-warnings.ts";
import { gated } from "./gated.ts";
import type { Job } from "./open-job.ts";
import type { Output } from "./program.ts";
import { type CommonFlags, type JobOutcome, jobCommand, runJob } from "./run-job.ts";

interface ConflictFlags extends CommonFlags {
  kind?: ConflictKind;
  limit: number;
}

export function catalogCommand(output: Output): Command {
  const load = jobCommand(
    "load",
    "Bring the catalog up to the archive: films, people, ratings, links. Loading the same again changes nothing",
    "catalog load",
  ).action((flags: CommonFlags) => runJob(output, { command: "catalog load", flags }, loadWhatIsNew));
  const rebuild = jobCommand(
    "rebuild",
    "Make the whole catalog anew from the archive alone, and compare its hash with the one before",
    "catalog rebuild --json",
  ).action((flags: CommonFlags) => runJob(output, { command: "catalog rebuild", flags }, rebuildFromArchive));
  const show = jobCommand(
    "show",
    "Show the rows of each table, the last loads and the catalog's hash",
    "catalog show",
  ).action((flags: CommonFlags) =>
    runJob(output, { command: "catalog show", flags }, ({ context }) => describeCatalog(context.database)),
  );
  const conflicts = jobCommand(
    "conflicts",
    "List pairs of films that TMDB and IMDb do not agree on",
    "catalog conflicts --kind ambiguous",
  )
    .addOption(new Option("--kind <kind>", "one kind alone").choices(CONFLICT_KINDS))
    .option("--limit <number>", "the latest so many", parseLimit, 50)
    .action((flags: ConflictFlags) =>
      runJob(output, { command: "catalog conflicts", flags }, ({ context }) => listConflicts(context.database, flags)),
    );
  return new Command("catalog")
    .description("Load and look at the catalog: typed rows made from the archive")
    .addCommand(load)
    .addCommand(rebuild)
    .addCommand(show)
    .addCommand(conflicts);
}

async function loadWhatIsNew({ context, archive }: Job): Promise<JobOutcome> {
  const step = catalogStep(archive, await listArchive(archive));
  // Also where the archive is as it was: a refused file may have been accepted meanwhile.
  const { unchanged: _, ...result } = await trackedStep(context, { ...step, stillThere: async () => false });
  const { films, rated, quarantined, hash } = result.detail;
  const words = `${count(Number(films))} films, ${count(Number(rated))} rated by IMDb, ${count(Number(quarantined))} quarantined, hash ${shortHash(hash)}`;
  return { ...result, text: gateWarnings(result), changed: words };
}

async function rebuildFromArchive({ context, archive }: Job): Promise<JobOutcome> {
  const { unchanged: _, ...result } = await trackedStep(context, {
    ...catalogStep(archive, await listArchive(archive)),
    stillThere: async () => false,
    work: gated((running) => rebuildCatalog(running, archive)),
  });
  const { films, hashBefore, hash, equal } = result.detail;
  const compared = equal === true ? "the same as before" : `before ${shortHash(hashBefore)}`;
  const words = `${count(Number(films))} films, hash ${shortHash(hash)}, ${compared}`;
  return { ...result, text: gateWarnings(result), changed: words };
}

function shortHash(hash: unknown): string {
  return String(hash).slice(0, 12);
}
