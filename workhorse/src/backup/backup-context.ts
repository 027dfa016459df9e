import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import type { TaskContext } from "../tasks/task-context.ts";
import type { BackupKeep } from "./backups-to-remove.ts";

/** Where backups lie, and how many stay. */
export interface Backups {
  /** May be the product's own object store. */
  store: ObjectStore;
  keep: BackupKeep;
}

/** What taking backups needs, and restoring them. */
export interface BackupContext extends TaskContext {
  backups: Backups;
}
