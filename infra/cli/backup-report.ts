import { sizeOf } from "@marquee/workhorse/backup/backup-manifest";
import type { Restore } from "@marquee/workhorse/backup/restore-backup";
import type { StoredBackup } from "@marquee/workhorse/backup/stored-backups";
import { textTable } from "./text-table.ts";

const HOUR_MS = 3_600_000;

export function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** A line per backup; why one cannot be used stands in it. */
export function describeList(backups: readonly StoredBackup[], now: Date): string {
  if (backups.length === 0) return "There is no backup yet: npm run marquee -- backup create";
  const rows = backups.map(({ name, begunAt, state, manifest, problem }) => {
    const age = `${((now.getTime() - begunAt.getTime()) / HOUR_MS).toFixed(1)} h`;
    if (!manifest) return [name, age, null, null, null, null, problem === undefined ? state : `${state}: ${problem}`];
    const { rows: count, storedBytes } = sizeOf(manifest);
    const migration = manifest.migrations.at(-1)?.name ?? null;
    return [name, age, count, manifest.models.length, megabytes(storedBytes), migration, state];
  });
  return textTable(["name (UTC)", "age", "rows", "models", "stored", "migration", "state"], rows);
}

/** A line per table: what was read back from the database after it was filled. */
export function describeRestore({ tables }: Restore): string {
  return textTable(
    ["table", "rows", "sha256", "backup's"],
    tables.map(({ name, rows, sha256 }) => [name, rows, sha256.slice(0, 16), "equal"]),
  );
}
