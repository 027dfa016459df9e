import type { Transaction } from "@marquee/shared/backing/postgres/database";
import { migrate } from "@marquee/shared/backing/postgres/migrate";
import { isMarqueeError, MarqueeError } from "@marquee/shared/service/errors";
import { type ReappliedErasures, reapplyErasures } from "../data-rights/erase-user.ts";
import { restoreModels } from "./back-up-models.ts";
import type { BackupContext } from "./backup-context.ts";
import type { BackedUpSequence, BackedUpTable, BackupManifest } from "./backup-manifest.ts";
import { createPace } from "./pace.ts";
import { checkBackedUpTable, readBackedUpTable } from "./read-backed-up-table.ts";
import { copyInto, copyOutOf, EQUAL_TEXT, quoted, readTables, type TableForm, UNHURRIED } from "./read-tables.ts";
import { checkTarget, prepareTarget } from "./restore-target.ts";
import { createMeter } from "./table-text.ts";
import { verifyBackup } from "./verify-backup.ts";

/** A table that was read back after it was filled. */
export interface RestoredTable {
  name: string;
  rows: number;
  /** Of what the database holds now; the same as the manifest's, or nothing is restored. */
  sha256: string;
}

export interface Restore {
  name: string;
  takenAt: string;
  tables: RestoredTable[];
  /** Migrations that this release has beyond the backup's. */
  migrated: string[];
  /** Files that were missing in the object store, or damaged. */
  modelFiles: number;
  /** Users who were erased since the backup was taken are erased again. */
  erasures: ReappliedErasures;
}

/**
 * Reads the whole backup and looks at the database; changes nothing.
 * @throws as `restoreBackup`
 */
export async function rehearseRestore(context: BackupContext, manifest: BackupManifest): Promise<void> {
  await checkTarget(context.database, manifest);
  await verifyBackup(context, manifest);
}

/**
 * Restores a backup into `context.database`, which is to have no rows of ours, and the models that it names into
 * `context.objectStore`. All rows become visible at once, after each table was read back and had the manifest's hash;
 * whatever goes wrong before leaves the database as it was. Then it is migrated to this release, and users who were erased
 * since are erased again. Nobody is to use the database until this has ended.
 * @throws BACKUP_DAMAGED, RESTORE_REFUSED, DATABASE_NEWER, MIGRATION_REFUSED; what database and stores throw
 */
export async function restoreBackup(context: BackupContext, manifest: BackupManifest): Promise<Restore> {
  const { database, objectStore, backups, log } = context;
  await checkTarget(database, manifest);
  log.info({ backup: manifest.name }, "restore began");
  // First: without their rows models do no harm, and a damaged one is found before the rows are there.
  const modelFiles = await restoreModels(context, manifest.models);
  const tables = await database.transaction((tx) => restoreDatabase(tx, context, manifest));
  const migrated = await migrate(database, log);
  const erasures = await reapplyErasures({ database, noteStores: new Set([objectStore, backups.store]) });
  log.info({ backup: manifest.name, tables: tables.length, migrated, modelFiles }, "restore ended");
  return { name: manifest.name, takenAt: manifest.takenAt, tables, migrated, modelFiles, erasures };
}

async function restoreDatabase(
  tx: Transaction,
  context: BackupContext,
  manifest: BackupManifest,
): Promise<RestoredTable[]> {
  await tx.execute(`${UNHURRIED}; ${EQUAL_TEXT}`);
  await prepareTarget(tx, manifest);
  const triggers = await insertTriggers(tx);
  await switchTriggers(tx, triggers, "disable");
  const forms = new Map((await readTables(tx)).map((form) => [form.name, form]));
  const pace = createPace(context, manifest.tables.length);
  const restored: RestoredTable[] = [];
  for (const table of manifest.tables) {
    await fillTable(tx, context, manifest.name, table);
    restored.push(await readBack(tx, context, table, forms.get(table.name)));
    pace.tell(table);
  }
  await setSequences(tx, manifest.sequences);
  await switchTriggers(tx, triggers, "enable");
  return restored;
}

async function fillTable(
  tx: Transaction,
  { backups: { store }, signal }: BackupContext,
  name: string,
  table: BackedUpTable,
): Promise<void> {
  const options = { store, name, table, signal };
  try {
    await readBackedUpTable(options, (text) => tx.copyFrom(copyInto(table), text));
  } catch (error) {
    // PostgreSQL may refuse damaged text before its hash is known; that it is damaged is what helps.
    if (!isMarqueeError(error)) await checkBackedUpTable(options);
    throw error;
  }
}

/** @throws INTERNAL where the database holds something else than it was given */
async function readBack(
  tx: Transaction,
  { signal }: BackupContext,
  { name, columns, sha256 }: BackedUpTable,
  form: TableForm | undefined,
): Promise<RestoredTable> {
  const meter = createMeter(signal);
  if (form) for await (const _chunk of meter.measured(tx.copyTo(copyOutOf({ ...form, columns }))));
  const total = meter.total();
  if (total.sha256 === sha256) return { name, rows: total.rows, sha256 };
  throw new MarqueeError(
    "INTERNAL",
    `The table ${name} holds something else than the backup after it was filled (${total.rows} rows, hash ${total.sha256}). Nothing was restored.`,
  );
}

async function setSequences(tx: Transaction, sequences: readonly BackedUpSequence[]): Promise<void> {
  for (const { name, lastValue, called } of sequences) {
    await tx.query("select setval($1::regclass, $2::bigint, $3)", [`public.${quoted(name)}`, lastValue, called]);
  }
}

interface InsertTrigger {
  table: string;
  trigger: string;
  /** O: fires in ordinary sessions. A: always. */
  enabled: string;
}

/** Rows come back as they were: what a trigger made of them then, it would make again. */
function insertTriggers(tx: Transaction): Promise<InsertTrigger[]> {
  return tx.query<InsertTrigger>(
    `select c.relname::text as table, t.tgname::text as trigger, t.tgenabled::text as enabled
     from pg_trigger t join pg_class c on c.oid = t.tgrelid
     where c.relnamespace = 'public'::regnamespace and not t.tgisinternal and t.tgparentid = 0
       and t.tgenabled in ('O', 'A') and t.tgtype & 4 <> 0`,
  );
}

async function switchTriggers(
  tx: Transaction,
  triggers: readonly InsertTrigger[],
  to: "enable" | "disable",
): Promise<void> {
  for (const { table, trigger, enabled } of triggers) {
    const verb = to === "enable" && enabled === "A" ? "enable always" : to;
    await tx.execute(`alter table public.${quoted(table)} ${verb} trigger ${quoted(trigger)}`);
  }
}
