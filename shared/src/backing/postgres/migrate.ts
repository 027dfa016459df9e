import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { errorMessage, isMarqueeError, MarqueeError } from "../../service/errors.ts";
import { sha256 } from "../../service/ids.ts";
import type { Logger } from "../../service/logger.ts";
import type { Database, Transaction } from "./database.ts";

/** The product's migrations: shared/migrations. */
const MIGRATIONS_FOLDER = fileURLToPath(new URL("../../../migrations", import.meta.url));

/** What `dumpSchema` writes lies beside the migrations and is none. */
const SCHEMA_FILE = "schema.sql";

/** One number for all who migrate; any would do that nobody else locks. */
const LOCK = 4_601_007;

interface Migration {
  version: number;
  name: string;
  sql: string;
  hash: string;
}

interface AppliedMigration {
  version: number;
  name: string;
  hash: string;
}

/**
 * Brings the database's schema up to the code's: runs each file `NNNN_name.sql` once, in order, in a transaction of its
 * own together with the note that it ran. Several processes may do so at once; a lock puts them in a line.
 * @returns names of what was applied now
 * @throws DATABASE_NEWER where the database has migrations that the code does not know; MIGRATION_REFUSED where an applied file
 *   was changed, a file comes too late or fails
 */
export async function migrate(database: Database, log: Logger, folder: string = MIGRATIONS_FOLDER): Promise<string[]> {
  const migrations = await readMigrations(folder);
  const applied: string[] = [];
  for (;;) {
    const name = await database.transaction((tx) => applyNext(tx, migrations));
    if (name === undefined) return applied;
    log.info({ migration: name }, "migrated the database");
    applied.push(name);
  }
}

/**
 * The same up to a version and in the caller's transaction, so that all is undone with it: for a restore, which fills the
 * schema that a backup was taken of.
 * @param through the last one to apply; fewer are applied where the code has fewer
 * @throws as `migrate`
 */
export async function migrateWithin(
  tx: Transaction,
  through: number,
  folder: string = MIGRATIONS_FOLDER,
): Promise<string[]> {
  const migrations = await readMigrations(folder);
  const applied: string[] = [];
  while ((await appliedMigrations(tx)).length < through) {
    const name = await applyNext(tx, migrations);
    if (name === undefined) break;
    applied.push(name);
  }
  return applied;
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".sql") && name !== SCHEMA_FILE).sort();
  return Promise.all(files.map((file, index) => readMigration(folder, file, index + 1)));
}

async function readMigration(folder: string, file: string, expected: number): Promise<Migration> {
  const version = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(file)?.[1]);
  if (version !== expected) {
    const number = String(expected).padStart(4, "0");
    throw refusal(`${file} stands where a migration named ${number}_name.sql is expected: number them without gaps.`);
  }
  // Git may check files out with other line ends; that is no change.
  const sql = (await readFile(join(folder, file), "utf8")).replaceAll("\r\n", "\n");
  return { version, name: file.replace(/\.sql$/, ""), sql, hash: sha256(sql) };
}

/** The lock is taken and the table read anew each time, so whoever waited finds the others' work done. */
async function applyNext(tx: Transaction, migrations: readonly Migration[]): Promise<string | undefined> {
  await tx.query("select pg_advisory_xact_lock($1)", [LOCK]);
  await tx.execute("set local statement_timeout = 0");
  const applied = await appliedMigrations(tx);
  checkApplied(applied, migrations);
  const next = migrations[applied.length];
  if (next === undefined) return undefined;
  await run(tx, next);
  await tx.execute("insert into schema_migrations (version, name, hash) values ($1, $2, $3)", [
    next.version,
    next.name,
    next.hash,
  ]);
  return next.name;
}

async function appliedMigrations(tx: Transaction): Promise<AppliedMigration[]> {
  // Asked for first: `create if not exists` would send a notice at every start, and needs the right to create.
  const [found] = await tx.query<{ there: boolean }>("select to_regclass('schema_migrations') is not null as there");
  if (!found?.there) {
    await tx.execute(`create table schema_migrations (
      version integer primary key,
      name text not null,
      hash text not null,
      applied_at timestamptz not null default now()
    )`);
  }
  return tx.query<AppliedMigration>("select version, name, hash from schema_migrations order by version");
}

function checkApplied(applied: readonly AppliedMigration[], migrations: readonly Migration[]): void {
  for (const [index, row] of applied.entries()) {
    const file = migrations[index];
    if (file === undefined) {
      throw new MarqueeError(
        "DATABASE_NEWER",
        `The database has migration ${row.name}, which this Marquee does not know: a newer one wrote it. Start that one, or use another database.`,
      );
    }
    if (file.version !== row.version || file.name !== row.name || file.hash !== row.hash) {
      throw refusal(
        `Migration ${row.name} was applied to this database and is not the same any more in the code (${file.name}). ` +
          "Leave applied migrations as they are and add a new one.",
      );
    }
  }
}

async function run(tx: Transaction, { name, sql }: Migration): Promise<void> {
  try {
    await tx.execute(sql);
  } catch (error) {
    if (isMarqueeError(error)) throw error;
    throw new MarqueeError("MIGRATION_REFUSED", `Migration ${name} failed and was undone: ${errorMessage(error)}.`, {
      cause: error,
    });
  }
}

function refusal(message: string): MarqueeError {
  return new MarqueeError("MIGRATION_REFUSED", message);
}
