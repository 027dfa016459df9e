import type { Transaction } from "@marquee/shared/backing/postgres/database";
import { instantOf } from "@marquee/shared/service/clock";
import { MarqueeError } from "@marquee/shared/service/errors";
import { VERSION } from "@marquee/shared/service/version";
import { backUpModels, registeredArtifacts } from "./back-up-models.ts";
import type { BackupContext } from "./backup-context.ts";
import { backupKeys, backupNameOf } from "./backup-keys.ts";
import { BACKUP_FORMAT, type BackedUpTable, type BackupManifest } from "./backup-manifest.ts";
import { createPace } from "./pace.ts";
import {
  copyOutOf,
  EQUAL_TEXT,
  quoted,
  readAppliedMigrations,
  readSequences,
  readTables,
  type TableForm,
  UNHURRIED,
} from "./read-tables.ts";
import { createMeter, gzipped } from "./table-text.ts";

const SECOND_MS = 1_000;

/**
 * Backs the database up, and the models that it names: every table of the schema `public` as the text of `copy`, all of
 * one moment. The manifest comes last, so what was cut off is no backup. Like pg_dump it holds a snapshot and the lightest
 * lock on each table for as long as it takes: a migration waits for it, and vacuum keeps what is deleted meanwhile.
 *
 * Left out: pg-boss's schema. Its rows are tasks on their way to workers, of which others have done some by the time of a
 * restore. A run that was open when the backup was taken has no task in the queue after a restore; the scheduler then
 * ends it as failed, and the next tick or a person starts it anew.
 * @throws OBJECT_STORE_UNAVAILABLE, DATABASE_UNAVAILABLE, DISK_FULL; the signal's reason
 */
export async function createBackup(context: BackupContext): Promise<BackupManifest> {
  const { database, backups, clock, log } = context;
  const name = await freeName(context);
  log.info({ backup: name }, "backup began");
  const takenAt = instantOf(clock);
  const known = await readTables(database);
  if ((await readAppliedMigrations(database)).length === 0) {
    throw new MarqueeError("NOT_READY", "The database was never migrated: there is nothing to back up yet.");
  }
  const { artifacts, ...content } = await database.transaction(async (tx) => {
    await beginSnapshot(tx, known);
    return backUpDatabase(tx, context, name);
  });
  const models = await backUpModels(context, artifacts);
  const manifest = { format: BACKUP_FORMAT, name, takenAt, release: VERSION, ...content, ...models } as const;
  await backups.store.put(backupKeys.manifest(name), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

/** Of a second in which no backup was begun: what a killed one has left is not mixed with this one's. */
async function freeName({ backups: { store }, clock }: BackupContext): Promise<string> {
  for (let begun = clock.now(); ; begun = new Date(begun.getTime() + SECOND_MS)) {
    const name = backupNameOf(begun);
    const [found] = await Array.fromAsync(store.list(backupKeys.folder(name)));
    if (found === undefined) return name;
  }
}

/** Locks before the first look: a table that a migration writes anew meanwhile is empty to who has looked before. */
async function beginSnapshot(tx: Transaction, tables: readonly TableForm[]): Promise<void> {
  await tx.execute(`set transaction isolation level repeatable read, read only; ${UNHURRIED}; ${EQUAL_TEXT}`);
  await tx.execute(`lock table ${tables.map(({ name }) => `public.${quoted(name)}`).join(", ")} in access share mode`);
}

async function backUpDatabase(tx: Transaction, context: BackupContext, name: string) {
  const migrations = await readAppliedMigrations(tx);
  const forms = await readTables(tx);
  const [server] = await tx.query<{ version: string }>("select current_setting('server_version') as version");
  const content = {
    postgresVersion: server?.version ?? "",
    migrations,
    artifacts: await registeredArtifacts(tx),
  };
  const pace = createPace(context, forms.length);
  const tables: BackedUpTable[] = [];
  for (const form of forms) {
    const table = await backUpTable(tx, context, name, form);
    tables.push(table);
    pace.tell(table);
  }
  return { ...content, tables, sequences: await readSequences(tx) };
}

async function backUpTable(
  tx: Transaction,
  { backups: { store }, signal }: BackupContext,
  name: string,
  form: TableForm,
): Promise<BackedUpTable> {
  const meter = createMeter(signal);
  let storedBytes = 0;
  async function* counted(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      storedBytes += chunk.length;
      yield chunk;
    }
  }
  const zipped = counted(gzipped(meter.measured(tx.copyTo(copyOutOf(form)))));
  try {
    await store.put(backupKeys.table(name, form.name), zipped);
  } finally {
    // What a store that failed has not read: the transaction could not even be rolled back behind it.
    await zipped.return(undefined);
  }
  const { name: table, columns, partition } = form;
  return { name: table, columns, ...meter.total(), storedBytes, ...(partition ? { partition } : {}) };
}
