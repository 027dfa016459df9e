import type { BackupManifest } from "@marquee/workhorse/backup/backup-manifest";
import { sizeOf } from "@marquee/workhorse/backup/backup-manifest";
import { openBackups } from "@marquee/workhorse/backup/open-backups";
import { rehearseRestore, restoreBackup } from "@marquee/workhorse/backup/restore-backup";
import { findBackup, LATEST, listBackups } from "@marquee/workhorse/backup/stored-backups";
import { takeBackup } from "@marquee/workhorse/backup/take-backup";
import { verifyBackup } from "@marquee/workhorse/backup/verify-backup";
import { Command, InvalidArgumentError } from "commander";
import { claimObjectStore } from "../local/claim-object-store.ts";
import { describeList, describeRestore, megabytes } from "./backup-report.ts";
import { type BackupJob, openBackupJob } from "./open-backup-job.ts";
import type { Job } from "./open-job.ts";
import type { Output } from "./program.ts";
import { type CommonFlags, type JobOutcome, jobCommand, runJob, runOn } from "./run-job.ts";

interface FromFlags extends CommonFlags {
  from: string;
}

interface RestoreFlags extends FromFlags {
  into?: string;
  dryRun?: boolean;
}

export function backupCommand(output: Output): Command {
  return new Command("backup")
    .description("Back the database and the models up, and restore them")
    .addCommand(
      jobCommand(
        "create",
        "Back up now, then remove old backups: those of the last 24 hours stay, before them the newest of each day, week and month",
        "backup create",
      ).action((flags: CommonFlags) => runJob(output, { command: "backup create", flags }, create)),
    )
    .addCommand(
      jobCommand(
        "list",
        "List the backups: when, of which release, how large, and those that cannot be used",
        "backup list",
      ).action((flags: CommonFlags) => runOn(openBackupJob, output, { command: "backup list", flags }, list)),
    )
    .addCommand(
      fromCommand("verify", "Read every object of a backup and compare it with its hash", "backup verify").action(
        (flags: FromFlags) =>
          runOn(openBackupJob, output, { command: "backup verify", flags }, (job) => verify(job, flags)),
      ),
    )
    .addCommand(restoreCommand(output));
}

function restoreCommand(output: Output): Command {
  return fromCommand(
    "restore",
    "Restore a backup into an empty database, and missing models into the object store",
    "backup restore --into postgres://user:password@host/marquee_restored",
  )
    .option("--into <url>", "the empty database (DATABASE_URL, else the embedded one of the profile)", parseDatabaseUrl)
    .option("--dry-run", "read the whole backup and look at the database, and change nothing")
    .action((flags: RestoreFlags) =>
      runOn(openBackupJob, output, { command: "backup restore", flags }, (job) => restore(job, flags)),
    );
}

function fromCommand(name: string, description: string, example: string): Command {
  return jobCommand(name, description, example).option("--from <name>", "a backup as `backup list` names it", LATEST);
}

function parseDatabaseUrl(text: string): string {
  if (/^postgres(ql)?:\/\/./.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError("It must be a URL that begins with postgres://.");
}

async function create({ context, options, profile }: Job): Promise<JobOutcome> {
  const backups = await openBackups(options, context.objectStore);
  await claimObjectStore(backups.store, profile, "BACKUP_STORE_URL");
  const { manifest, size, removed, ...figures } = await takeBackup({ ...context, backups });
  const { name, takenAt, tables, models, missingModels } = manifest;
  const lost = missingModels.length > 0 ? `; ${missingModels.length} registered models are gone` : "";
  return {
    rowsIn: size.rows,
    rowsOut: size.rows,
    detail: {
      name,
      takenAt,
      tables: tables.length,
      models: models.length,
      missingModels,
      ...size,
      removed,
      ...figures,
    },
    text: "",
    changed: `${name}: ${tables.length} tables and ${models.length} models, ${megabytes(size.bytes)} in ${megabytes(size.storedBytes)}${lost}; ${removedWords(removed)}, ${figures.kept} kept`,
  };
}

function removedWords(removed: readonly string[]): string {
  return removed.length === 0 ? "no old backup removed" : `removed as old: ${removed.join(", ")}`;
}

async function list({ context: { backups, clock } }: BackupJob): Promise<JobOutcome> {
  const stored = await listBackups(backups.store);
  const detail = stored.map(({ name, state, manifest, problem }) => ({
    name,
    state,
    ...(problem === undefined ? {} : { problem }),
    ...(manifest && {
      release: manifest.release,
      postgresVersion: manifest.postgresVersion,
      migration: manifest.migrations.at(-1)?.name,
      tables: manifest.tables.length,
      models: manifest.models.length,
      ...sizeOf(manifest),
    }),
  }));
  return { rowsIn: 0, rowsOut: stored.length, detail: { backups: detail }, text: describeList(stored, clock.now()) };
}

async function verify({ context }: BackupJob, { from }: FromFlags): Promise<JobOutcome> {
  const manifest = await findBackup(context.backups.store, from);
  await verifyBackup(context, manifest);
  return { ...figuresOf(manifest), text: "", changed: `${manifest.name} is whole` };
}

async function restore(job: BackupJob, { from, into, dryRun }: RestoreFlags): Promise<JobOutcome> {
  const manifest = await findBackup(job.context.backups.store, from);
  const context = await job.withDatabase(into);
  if (dryRun) {
    await rehearseRestore(context, manifest);
    const text = "Nothing was changed: without --dry-run this backup would be restored.";
    return { ...figuresOf(manifest), text, changed: `${manifest.name} is whole, and the database is empty` };
  }
  const restored = await restoreBackup(context, manifest);
  const { migrated, modelFiles, erasures } = restored;
  return {
    rowsIn: sizeOf(manifest).rows,
    rowsOut: restored.tables.reduce((rows, table) => rows + table.rows, 0),
    detail: { ...restored },
    text: describeRestore(restored),
    changed: `${manifest.name}: every table has the backup's hash; ${modelFiles} files of models came back, ${migrated.length} newer migrations ran, ${erasures.users} erasures were repeated`,
  };
}

function figuresOf(manifest: BackupManifest) {
  const { name, takenAt, tables, models } = manifest;
  const size = sizeOf(manifest);
  const detail = { name, takenAt, tables: tables.length, models: models.length, ...size };
  return { rowsIn: size.rows, rowsOut: size.rows, detail };
}
