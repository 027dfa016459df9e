import type { LogStore } from "@marquee/shared/backing/log-store/log-store";
import { type LogLine, logLineSchema } from "@marquee/shared/contracts/log-line";
import type { Check } from "@marquee/shared/service/http";
import { type ConsumerOptions, consumeTopic } from "../consume-topic.ts";

export interface LogsOptions extends ConsumerOptions {
  logStore: LogStore;
}

/** Brings every process's log lines from topic `logs` into the log store, until the lifecycle ends. */
export function consumeLogs({ logStore, ...options }: LogsOptions): Promise<Check> {
  return consumeTopic<LogLine>({
    ...options,
    sink: {
      topic: "logs",
      group: "logs",
      contract: logLineSchema,
      store: logSink(logStore),
    },
  });
}

/**
 * The store is prepared with the first batch, and again with the next where that failed: an Elasticsearch that is away
 * when the process starts must not be given lines before it has their mapping, and need not keep the process down.
 */
function logSink(logStore: LogStore): LogStore["store"] {
  let prepared = false;
  return async (lines) => {
    if (!prepared) await logStore.prepare();
    prepared = true;
    return logStore.store(lines);
  };
}
