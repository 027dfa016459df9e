import { errorMessage } from "@marquee/shared/service/errors";
import type { Logger } from "@marquee/shared/service/logger";
import { z } from "zod";

/** So many are logged one by one; the rest are counted, so that a file of another kind does not fill the log. */
const LOGGED_SINGLY = 100;

/** Where loaders put what they cannot use: logged with its place, counted, and the load goes on. */
export interface Refusals {
  refuse(file: string, line: number, reason: string): void;
  readonly count: number;
}

export function createRefusals(log: Logger): Refusals {
  let count = 0;
  return {
    refuse: (file, line, reason) => {
      count += 1;
      if (count <= LOGGED_SINGLY) log.warn({ file, line, reason }, "sandbox: refused a line");
      if (count === LOGGED_SINGLY) log.warn("sandbox: further refused lines are only counted");
    },
    get count() {
      return count;
    },
  };
}

/** In one line why something could not be read. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof z.ZodError)) return errorMessage(error);
  return error.issues
    .map(({ path, message }) => (path.length > 0 ? `${path.join(".")} ${message}` : message))
    .join("; ");
}
