import { join } from "node:path";
import { isMarqueeError } from "@marquee/shared/service/errors";
import { HELP, parseCommandLine } from "./command-line.ts";
import { writeMonitoringFiles } from "./write-files.ts";

const REPOSITORY = join(import.meta.dirname, "../..");

try {
  const { help, out, options } = parseCommandLine(process.argv.slice(2));
  if (help) console.log(HELP);
  else for (const place of await writeMonitoringFiles(out ?? REPOSITORY, options)) console.log(place);
} catch (error) {
  console.error(isMarqueeError(error) ? error.message : error);
  process.exitCode = isMarqueeError(error, "USAGE") ? 2 : 1;
}
