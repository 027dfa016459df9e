import { DO_NOT, explain, isMarqueeError, TRY_AGAIN } from "@marquee/shared/service/errors";
import { scrub } from "@marquee/shared/service/logger";
import { createProgram } from "./program.ts";

try {
  await createProgram(process.stdout).parseAsync(process.argv);
} catch (thrown) {
  const error = explain(thrown);
  if (isMarqueeError(error)) {
    console.error(`${scrub(error.message)} [${error.code}]`);
    process.exitCode = error.retriable ? TRY_AGAIN : DO_NOT;
  } else {
    console.error(`Something unexpected went wrong: ${scrub(String(error))}`);
    process.exitCode = DO_NOT;
  }
}
