import type { TaskContext } from "../tasks/task-context.ts";

export interface Pace {
  /** That one more table is done. */
  tell(table: { name: string; rows: number }): void;
}

/** Tells how far a walk over tables is, and how many rows a second it takes. */
export function createPace({ clock, onProgress }: Pick<TaskContext, "clock" | "onProgress">, total: number): Pace {
  let done = 0;
  let last = clock.now().getTime();
  return {
    tell: ({ name, rows }) => {
      const now = clock.now().getTime();
      const rate = now > last ? `, ${Math.round((rows * 1_000) / (now - last)).toLocaleString("en-US")} rows/s` : "";
      last = now;
      done++;
      onProgress({ done, total, unit: "tables", note: `${name}: ${rows.toLocaleString("en-US")} rows${rate}` });
    },
  };
}
