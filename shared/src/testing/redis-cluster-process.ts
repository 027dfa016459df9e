import { setTimeout as delay } from "node:timers/promises";
import type { Redis } from "ioredis";
import { MarqueeError } from "../service/errors.ts";
import { asAdmin, createRedisProcess, type RedisProcess } from "./redis-process.ts";

const SLOTS = 16_384;
/** Nodes learn of each other within a second or two; more on a machine that does other things. */
const FORM_LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 100;

/** A Redis Cluster of a test's own: masters alone, each with an equal range of slots. */
export interface RedisClusterProcess {
  /** redis+cluster:// with all nodes. */
  readonly url: string;
  readonly nodes: readonly RedisProcess[];
  /** Resolves once every node takes the cluster for complete. */
  formed(): Promise<void>;
  wipe(): Promise<void>;
}

export async function startRedisCluster(size = 3, settings: readonly string[] = []): Promise<RedisClusterProcess> {
  const words = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000", ...settings];
  const nodes: RedisProcess[] = [];
  for (let i = 0; i < size; i++) nodes.push(await createRedisProcess(words));
  const cluster = {
    url: `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(",")}`,
    nodes,
    formed: async () => {
      for (const node of nodes) await asAdmin(node, (redis) => complete(redis, size));
    },
    wipe: async () => {
      await Promise.all(nodes.map((node) => node.wipe()));
    },
  };
  try {
    await Promise.all(nodes.map((node) => node.start()));
    const first = nodes[0];
    const busPort = first && (await asAdmin(first, (redis) => redis.config("GET", "cluster-port")))[1];
    for (const [i, node] of nodes.entries()) {
      const range = [Math.floor((i * SLOTS) / size), Math.floor(((i + 1) * SLOTS) / size) - 1];
      await asAdmin(node, async (redis) => {
        await redis.call("CLUSTER", "ADDSLOTSRANGE", ...range);
        await redis.call("CLUSTER", "SET-CONFIG-EPOCH", i + 1);
        if (i > 0) await redis.call("CLUSTER", "MEET", "127.0.0.1", first?.port ?? 0, String(busPort));
      });
    }
    await cluster.formed();
    return cluster;
  } catch (error) {
    await cluster.wipe();
    throw error;
  }
}

async function complete(redis: Redis, size: number): Promise<void> {
  const limit = performance.now() + FORM_LIMIT_MS;
  let info = "";
  while (performance.now() < limit) {
    info = String(await redis.cluster("INFO"));
    if (/cluster_state:ok/.test(info) && info.includes(`cluster_known_nodes:${size}\r`)) return;
    await delay(LOOK_EVERY_MS);
  }
  throw new MarqueeError("INTERNAL", `The cluster is not complete:\n${info}`);
}
