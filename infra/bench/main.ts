import { isMarqueeError } from "@marquee/shared/service/errors";
import { benchNamed, HELP } from "./benches.ts";

const [name, ...words] = process.argv.slice(2);
try {
  if (name === undefined || name === "--help") console.log(HELP);
  else console.log(JSON.stringify(await benchNamed(name).run(words, console.log)));
} catch (error) {
  console.error(isMarqueeError(error) ? error.message : error);
  process.exitCode = isMarqueeError(error, "USAGE") ? 2 : 1;
}
