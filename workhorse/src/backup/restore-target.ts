import type { Queries, Transaction } from "@marquee/shared/backing/postgres/database";
import { migrateWithin } from "@marquee/shared/backing/postgres/migrate";
import { MarqueeError } from "@marquee/shared/service/errors";
import type { BackupManifest } from "./backup-manifest.ts";
import { quoted, readAppliedMigrations, readTables } from "./read-tables.ts";

/** Rows of it are there in every database that was migrated. */
const BOOKKEEPING = "schema_migrations";
/** So many tables are named of a database that is not empty. */
const NAMED = 5;

/**
 * Whether the backup can go into this database, as far as looking tells.
 * @throws RESTORE_REFUSED naming what is there
 */
export async function checkTarget(database: Queries, { name, migrations }: BackupManifest): Promise<void> {
  const filled = await tablesWithRows(database);
  if (filled.length > 0) {
    const named = filled.slice(0, NAMED).join(", ");
    const more = filled.length > NAMED ? ` and ${filled.length - NAMED} more` : "";
    throw refusal(
      `The database has rows already, in ${named}${more}. A restore replaces nothing: give an empty database.`,
    );
  }
  const applied = await readAppliedMigrations(database);
  const latest = applied.at(-1);
  if (latest && applied.length > migrations.length) {
    throw refusal(
      `The database is migrated up to ${latest.name}, and the backup ${name} was taken at ${migrations.at(-1)?.name}. Give a database without tables; it is migrated on after the restore.`,
    );
  }
}

async function tablesWithRows(database: Queries): Promise<string[]> {
  const tables = (await readTables(database))
    .filter(({ name }) => name !== BOOKKEEPING)
    .map(({ name }) => ({ schema: "public", name }));
  const [queue] = await database.query<{ there: boolean }>("select to_regclass('pgboss.job') is not null as there");
  if (queue?.there) tables.push({ schema: "pgboss", name: "job" });
  const filled: string[] = [];
  for (const { schema, name } of tables) {
    const rows = await database.query(`select from ${quoted(schema)}.${quoted(name)} limit 1`);
    if (rows.length > 0) filled.push(schema === "public" ? name : `${schema}.${name}`);
  }
  return filled;
}

/**
 * Brings an empty database to the schema that the backup was taken of, in the caller's transaction; nobody else writes to
 * it until that ends.
 * @throws RESTORE_REFUSED as `checkTarget`; DATABASE_NEWER where the backup was taken by a newer Marquee;
 *   MIGRATION_REFUSED where it was taken of other migrations than this release has
 */
export async function prepareTarget(tx: Transaction, manifest: BackupManifest): Promise<void> {
  const there = await readTables(tx);
  if (there.length > 0) await tx.execute(`lock table ${namesOf(there)} in access exclusive mode`);
  await checkTarget(tx, manifest);
  await migrateWithin(tx, manifest.migrations.length);
  const applied = await readAppliedMigrations(tx);
  for (const [index, expected] of manifest.migrations.entries()) {
    const found = applied[index];
    if (found === undefined) {
      throw new MarqueeError(
        "DATABASE_NEWER",
        `The backup ${manifest.name} was taken at migration ${expected.name} by Marquee ${manifest.release}, and this one does not know that migration. Restore it with that release or a newer one.`,
      );
    }
    if (found.name !== expected.name || found.hash !== expected.hash) {
      throw new MarqueeError(
        "MIGRATION_REFUSED",
        `The backup ${manifest.name} was taken of a database with migration ${expected.name}, which is not this release's ${found.name}. Restore it with the release that took it (${manifest.release}).`,
      );
    }
  }
  await makePartitions(tx, manifest);
  // Of what migrations wrote the backup has its own rows. Also, PostgreSQL fills a table faster that was emptied just now.
  await tx.execute(`truncate table only ${namesOf(await readTables(tx))}`);
}

/**
 * Partitions are made as time goes by, so migrations do not know them all.
 * @throws RESTORE_REFUSED naming other tables that are not there
 */
async function makePartitions(tx: Transaction, { name: backup, tables }: BackupManifest): Promise<void> {
  const there = new Set((await readTables(tx)).map(({ name }) => name));
  const unknown = tables.filter(({ name, partition }) => !partition && !there.has(name)).map(({ name }) => name);
  if (unknown.length > 0) {
    throw refusal(
      `The backup ${backup} has tables that no migration makes: ${unknown.join(", ")}. They were made by hand; make them in the empty database first.`,
    );
  }
  for (const { name, partition } of tables) {
    if (!partition || there.has(name)) continue;
    await tx.execute(
      `create table public.${quoted(name)} partition of public.${quoted(partition.of)} ${partition.bound}`,
    );
  }
}

function namesOf(tables: readonly { name: string }[]): string {
  return tables.map(({ name }) => `public.${quoted(name)}`).join(", ");
}

function refusal(message: string): MarqueeError {
  return new MarqueeError("RESTORE_REFUSED", message);
}
