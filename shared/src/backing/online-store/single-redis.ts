import { Redis } from "ioredis";
import type { Logger } from "../../service/logger.ts";
import { COMMAND_TIMEOUT_MS, explainer, RECONNECT_MS, SOCKET_TIMEOUT_MS } from "./redis-connection.ts";
import { beginningWith, KEYS_PER_SCAN, type RedisCommand, type RedisNodes, runIdOf } from "./redis-nodes.ts";
import { REDIS_SCRIPTS } from "./redis-scripts.ts";

/** One server has one copy of each watermark. */
const TAG = "all";

/**
 * One Redis server. Nothing is sent before the first call; a connection that is lost is made again.
 * @param url redis:// or rediss://
 */
export function connectSingleRedis(url: string, log: Logger): RedisNodes {
  const where = new URL(url).host;
  const client = new Redis(url, {
    lazyConnect: true,
    connectionName: "marquee",
    connectTimeout: COMMAND_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    retryStrategy: () => RECONNECT_MS,
    // What is under way when the connection goes is answered with its loss, not kept for a server that may not return.
    maxRetriesPerRequest: 0,
    // The node has become a replica: connect again, to wherever the name leads now.
    reconnectOnError: ({ message }) => message.startsWith("READONLY"),
    scripts: REDIS_SCRIPTS,
  });
  const { explained, lost, back } = explainer(where, log);
  client.on("error", lost);
  client.on("ready", back);

  async function run(commands: readonly RedisCommand[]): Promise<unknown[]> {
    const pipeline = client.pipeline();
    for (const { add } of commands) add(pipeline);
    const answers = (await explained(pipeline.exec())) ?? [];
    return Promise.all(answers.map(([error, answer]) => (error ? explained(Promise.reject(error)) : answer)));
  }

  return {
    // 100,000 values of 184 bytes, seconds: 0.25 (0.37 one script at a time); one key per script 0.9; a bare MSET 0.2.
    keysPerScript: 500,
    commandsPerPipeline: 1,
    tags: [TAG],
    tagNear: () => TAG,
    get: (keys) => explained(client.mgetBuffer([...keys])),
    run,
    scan: async function* (prefix) {
      let cursor = "0";
      do {
        const [next, keys] = await explained(
          client.scan(cursor, "MATCH", beginningWith(prefix), "COUNT", KEYS_PER_SCAN),
        );
        yield keys;
        cursor = next;
      } while (cursor !== "0");
    },
    retire: async ({ prefixes, common, olderThanMs }) => {
      let retired = 0;
      let cursor = "0";
      do {
        const [next, gone] = await explained(
          client.marqueeRetirePage(cursor, beginningWith(common), KEYS_PER_SCAN, olderThanMs, [...prefixes]),
        );
        retired += gone;
        cursor = next;
      } while (cursor !== "0");
      return retired;
    },
    incarnation: async () => runIdOf(await explained(client.info("server"))),
    close: async () => {
      if (client.status === "ready") await client.quit().catch(() => undefined); // lost meanwhile: closed as well
      client.disconnect();
    },
  };
}
