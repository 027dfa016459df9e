import { ERRORS, explain, isMarqueeError } from "@marquee/shared/service/errors";
import { scrub } from "@marquee/shared/service/logger";
import { createProgram } from "./program.ts";

/** sysexits.h's EX_TEMPFAIL: the same call may succeed later. */
const TRY_AGAIN = 75;
const DO_NOT = 1;

try {
  await createProgram(process.stdout).parseAsync(process.argv);
} catch (thrown) {
  const error = explain(thrown);
  if (isMarqueeError(error)) {
    console.error(`${ERRORS[error.code].title}. ${scrub(error.message)} [${error.code}]`);
    process.exitCode = error.retriable ? TRY_AGAIN : DO_NOT;
  } else {
    console.error(`Something unexpected went wrong: ${scrub(String(error))}`);
    process.exitCode = DO_NOT;
  }
}
