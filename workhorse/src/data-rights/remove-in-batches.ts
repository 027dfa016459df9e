import type { TaskContext } from "../tasks/task-context.ts";

/** Rows of one statement: a second at most, in which nobody else waits for long. */
const ROWS_PER_BATCH = 5_000;

export interface OldRows {
  table: string;
  /** Which rows go; $1 is `keptFrom`. */
  old: string;
  keptFrom: Date;
  /** For tables whose rows take others with them; 5,000 unless given. */
  batch?: number;
}

/** Removes rows some at a time, each batch for itself. @returns how many they were */
export async function removeInBatches(
  { database, signal, onProgress }: TaskContext,
  { table, old, keptFrom, batch = ROWS_PER_BATCH }: OldRows,
): Promise<number> {
  let done = 0;
  for (;;) {
    signal.throwIfAborted();
    const removed = await database.execute(
      `delete from ${table} where ctid = any(array(select ctid from ${table} where ${old} limit ${batch}))`,
      [keptFrom],
    );
    done += removed;
    onProgress({ done, unit: `rows of ${table}` });
    if (removed < batch) return done;
  }
}
