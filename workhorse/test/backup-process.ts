import { connectDatabase } from "@marquee/shared/backing/postgres/database";
import { createLogger } from "@marquee/shared/service/logger";
import { takeBackup } from "../src/backup/take-backup.ts";
import { backupContext } from "./backup-harness.ts";

/** Takes a backup of a database into a folder, and tells its parent of each table; to be killed amid that. */
const [url = "", folder = ""] = process.argv.slice(2);
const context = backupContext(connectDatabase({ url, log: createLogger("test", "silent") }), folder, {
  onProgress: ({ note }) => process.send?.(note),
});
await takeBackup(context);
