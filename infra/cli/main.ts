import { DO_NOT, explain, isMarqueeError, MarqueeError, TRY_AGAIN } from "@marquee/shared/service/errors";
import { scrub } from "@marquee/shared/service/logger";
import { CommanderError } from "commander";
import { createProgram } from "./program.ts";
import { failure, Stopped } from "./run-job.ts";

/** Called wrongly, as shells have it. */
const USAGE_ERROR = 2;

try {
  await createProgram(process.stdout).parseAsync(process.argv);
} catch (thrown) {
  process.exitCode = tell(explain(thrown));
}

/** Says on standard error what went wrong. @returns the exit code */
function tell(error: unknown): number {
  if (error instanceof CommanderError) {
    // Its words are on standard error already; help that was asked for is no error.
    if (error.exitCode === 0) return 0;
    const words = error.message.replace(/^error: /, "");
    if (process.argv.includes("--json")) console.log(JSON.stringify(failure(new MarqueeError("USAGE", words))));
    return USAGE_ERROR;
  }
  if (error instanceof Stopped) {
    console.error(error.message);
    return error.exitCode;
  }
  if (isMarqueeError(error)) {
    console.error(`${scrub(error.message)} [${error.code}]`);
    if (error.code === "USAGE") return USAGE_ERROR;
    return error.retriable ? TRY_AGAIN : DO_NOT;
  }
  console.error(`Something unexpected went wrong: ${scrub(String(error))}`);
  return DO_NOT;
}
