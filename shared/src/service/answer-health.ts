import { type Check, createHttpApp, listen } from "./http.ts";
import type { ProcessContext } from "./run-process.ts";

/**
 * For a process that nobody calls but those who watch it: answers `/health`, `/ready` and `/metrics`.
 * @throws PORT_TAKEN, ADDRESS_UNUSABLE
 */
export async function answerHealth(
  { settings, log, metrics, lifecycle }: ProcessContext<{ HOST: string; PORT: number }>,
  checks: readonly Check[],
): Promise<void> {
  const http = createHttpApp({ log, metrics, checks });
  lifecycle.onStop("http", () => http.close());
  const port = await listen(http, settings.HOST, settings.PORT);
  log.info({ host: settings.HOST, port }, "listening");
}
