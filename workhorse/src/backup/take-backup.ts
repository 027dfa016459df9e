import type { TaskResult } from "@marquee/shared/contracts/tasks";
import { withStepLock } from "../tasks/step-lock.ts";
import type { BackupContext } from "./backup-context.ts";
import { type BackupManifest, type BackupSize, sizeOf } from "./backup-manifest.ts";
import { createBackup } from "./create-backup.ts";
import { type RemovedBackups, removeOldBackups } from "./remove-old-backups.ts";
import { listBackups } from "./stored-backups.ts";

export interface TakenBackup extends RemovedBackups {
  manifest: BackupManifest;
  size: BackupSize;
  seconds: number;
  /** Age of the good backup before this one, when this one was begun; undefined where there was none. */
  previousAgeSeconds: number | undefined;
}

/**
 * Takes a backup, then removes those that are not to be kept any more. One at a time: two would each take the other's
 * models for nobody's.
 * @throws as `createBackup`
 */
export async function takeBackup(context: BackupContext): Promise<TakenBackup> {
  return withStepLock(context, "backup", async () => {
    const begun = context.clock.now().getTime();
    const previous = (await listBackups(context.backups.store)).findLast(({ state }) => state === "good");
    const manifest = await createBackup(context);
    const removed = await removeOldBackups(context);
    return {
      manifest,
      size: sizeOf(manifest),
      ...removed,
      seconds: (context.clock.now().getTime() - begun) / 1_000,
      previousAgeSeconds: previous && (begun - previous.begunAt.getTime()) / 1_000,
    };
  });
}

/** The same as a task's result. */
export async function runBackup(context: BackupContext): Promise<TaskResult> {
  const { manifest, size, ...figures } = await takeBackup(context);
  const { name, takenAt, tables, models, missingModels } = manifest;
  return {
    rowsIn: size.rows,
    rowsOut: size.rows,
    detail: { name, takenAt, ...size, ...figures, tables: tables.length, models: models.length, missingModels },
  };
}
