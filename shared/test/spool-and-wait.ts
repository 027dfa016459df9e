import { openDiskSpool } from "../src/backing/event-bus/disk-spool.ts";
import { systemClock } from "../src/service/clock.ts";
import { createLogger } from "../src/service/logger.ts";

/** A process that spools messages given by number, says so, and waits to be killed: node spool-and-wait.ts FOLDER COUNT */
const [folder = "", count = "0"] = process.argv.slice(2);
const log = createLogger("test", "silent");
const spool = await openDiskSpool({ folder, maxBytes: 1_000_000, clock: systemClock, log });
const entries = Array.from({ length: Number(count) }, (_, i) => ({
  topic: "logs" as const,
  durable: true,
  message: { id: `killed-${i}`, key: "key", value: String(i) },
}));
await spool.append(entries);
process.stdout.write("spooled\n");
setInterval(() => {}, 60_000);
