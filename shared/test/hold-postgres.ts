import { startEmbeddedPostgres } from "../src/backing/postgres/embedded-postgres.ts";
import { createLogger } from "../src/service/logger.ts";

/**
 * A process for tests to kill: starts the embedded PostgreSQL in the folder given, writes `{ url, pid }` or `{ code,
 * message }` as one line, and stops on SIGTERM. Deaf to Ctrl-C, so that a test can tell whom that reaches.
 */
const keepAlive = setInterval(() => {}, 60_000);
process.on("SIGINT", () => {});
try {
  const postgres = await startEmbeddedPostgres({
    folder: process.argv[2] ?? "",
    log: createLogger("hold", "silent"),
  });
  process.on("SIGTERM", () => {
    clearInterval(keepAlive);
    void postgres.stop();
  });
  process.stdout.write(`${JSON.stringify({ url: postgres.url, pid: postgres.pid })}\n`);
} catch (error) {
  clearInterval(keepAlive);
  process.stdout.write(`${JSON.stringify(error, ["code", "message"])}\n`);
}
