import { setTimeout as delay } from "node:timers/promises";
import { Cluster, type Redis } from "ioredis";
import type { Logger } from "../../service/logger.ts";
import { CLUSTER_SLOTS, keySlot, spreadTags } from "./cluster-slots.ts";
import type { RedisAddress } from "./redis-address.ts";
import { COMMAND_TIMEOUT_MS, explainer, RECONNECT_MS, SOCKET_TIMEOUT_MS } from "./redis-connection.ts";
import { beginningWith, KEYS_PER_SCAN, type RedisCommand, type RedisNodes, runIdOf } from "./redis-nodes.ts";
import { REDIS_SCRIPTS } from "./redis-scripts.ts";

/** More ranges of slots than a cluster has nodes, so that each node has copies of its own. */
const TAGS = spreadTags(64);
/** One answer may take some redirections and a failed node's delay, in milliseconds. */
const CALL_TIMEOUT_MS = 5_000;
/** A failed node's commands are sent again this often, 200 ms apart, before they are given up. */
const MAX_REDIRECTIONS = 8;
const RETRY_AFTER_MS = 200;

/** The slot moves or has moved, or its node is gone: this key's node is to be found anew. */
const REDIRECTED = /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN|READONLY|Connection is closed)\b/;

/** A Redis Cluster. Masters alone are asked: a replica may not have the latest confirmation's values. */
export function connectRedisCluster(address: RedisAddress & { kind: "cluster" }, log: Logger): RedisNodes {
  const client = createClient(address);
  const { explained, lost, back } = explainer(address.where, log);
  client.on("error", (error: Error & { lastNodeError?: Error }) => lost(error.lastNodeError ?? error));
  client.on("node error", lost);
  client.on("refresh", back);

  async function run(commands: readonly RedisCommand[]): Promise<unknown[]> {
    if (commands.length === 0) return [];
    await ready(client);
    const results: unknown[] = new Array(commands.length);
    await Promise.all(
      byNode(client, commands).map(async ({ node, members }) => {
        const answers = await sendAll(node, members);
        await Promise.all(
          members.map(async ({ place, command }, i) => {
            results[place] = await settled(client, command, answers[i]);
          }),
        );
      }),
    );
    return results;
  }

  async function* scan(prefix: string): AsyncGenerator<string[]> {
    await explained(ready(client));
    for (const node of client.nodes("master")) {
      let cursor = "0";
      do {
        const [next, keys] = await explained(node.scan(cursor, "MATCH", beginningWith(prefix), "COUNT", KEYS_PER_SCAN));
        yield keys;
        cursor = next;
      } while (cursor !== "0");
    }
  }

  return {
    keysPerScript: 1,
    commandsPerPipeline: 1_000,
    tags: TAGS,
    tagNear: nearestTag(client),
    get: async (keys) =>
      (await explained(
        run(keys.map((key) => ({ key, add: (pipeline) => pipeline.getBuffer(key) }))),
      )) as (Buffer | null)[],
    run: (commands) => explained(run(commands)),
    scan,
    retire: async ({ prefixes, common, olderThanMs }) => {
      let retired = 0;
      for await (const page of scan(common)) {
        const keys = page.filter((key) => prefixes.has(key.slice(0, key.indexOf(":{") + 2)));
        const gone = await explained(
          run(keys.map((key) => ({ key, add: (pipeline) => pipeline.marqueeRetire(key, olderThanMs) }))),
        );
        retired += gone.reduce<number>((sum, count) => sum + Number(count), 0);
      }
      return retired;
    },
    incarnation: async () => {
      await explained(ready(client));
      const answers = await explained(Promise.all(client.nodes("master").map((node) => node.info("server"))));
      return answers.map(runIdOf).sort().join(" ");
    },
    close: async () => {
      if (client.status === "ready") await client.quit().catch(() => undefined); // lost meanwhile: closed as well
      client.disconnect();
    },
  };
}

interface Member {
  /** Of the command among all that are to be run. */
  place: number;
  command: RedisCommand;
}

/** Commands by the node that has their keys, in the order given. */
function byNode(client: Cluster, commands: readonly RedisCommand[]): { node: Redis | undefined; members: Member[] }[] {
  const nodes = new Map(client.nodes("master").map((node) => [`${node.options.host}:${node.options.port}`, node]));
  const groups = new Map<string, Member[]>();
  commands.forEach((command, place) => {
    const name = client.slots[keySlot(command.key)]?.[0] ?? "";
    const members = groups.get(name);
    if (members) members.push({ place, command });
    else groups.set(name, [{ place, command }]);
  });
  return [...groups].map(([name, members]) => ({ node: nodes.get(name), members }));
}

type Answer = [error: Error | null, answer?: unknown];

/**
 * One pipeline to one node. Not the cluster client's own pipeline: that one sends all of it elsewhere when one key has
 * moved, and fails without a word to its caller when they have not moved together.
 * @returns nothing where the node is not known
 */
async function sendAll(node: Redis | undefined, members: readonly Member[]): Promise<Answer[]> {
  if (node === undefined) return [];
  const pipeline = node.pipeline();
  for (const { command } of members) command.add(pipeline);
  return (await within(CALL_TIMEOUT_MS, pipeline.exec())) ?? [];
}

/** What a node answered, or what the right one does where it was the wrong one. */
async function settled(client: Cluster, { add }: RedisCommand, first: Answer | undefined): Promise<unknown> {
  if (first && (first[0] === null || !REDIRECTED.test(first[0].message))) return answered(first);
  const pipeline = client.pipeline();
  add(pipeline);
  const [answer] = (await within(CALL_TIMEOUT_MS, pipeline.exec())) ?? [];
  return answered(answer ?? [null]);
}

function answered([error, answer]: Answer): unknown {
  if (error) throw error;
  return answer;
}

/** Finds the tag whose watermarks lie on a key's own node, else the one of its range of slots. */
function nearestTag(client: Cluster): RedisNodes["tagNear"] {
  const nodeOf = (slot: number) => client.slots[slot]?.[0];
  const nearest = new Map<string, string>();
  return (key) => {
    const slot = keySlot(key);
    const own = TAGS[Math.floor((slot * TAGS.length) / CLUSTER_SLOTS)] ?? "";
    const node = nodeOf(slot);
    if (node === undefined) return own;
    const known = nearest.get(node);
    if (known !== undefined && nodeOf(keySlot(known)) === node) return known;
    const found = TAGS.find((tag) => nodeOf(keySlot(tag)) === node) ?? own;
    nearest.set(node, found);
    return found;
  };
}

function createClient({ nodes, tls, username, password }: RedisAddress & { kind: "cluster" }): Cluster {
  return new Cluster(nodes, {
    lazyConnect: true,
    scripts: REDIS_SCRIPTS,
    maxRedirections: MAX_REDIRECTIONS,
    retryDelayOnFailover: RETRY_AFTER_MS,
    retryDelayOnClusterDown: RETRY_AFTER_MS,
    slotsRefreshTimeout: COMMAND_TIMEOUT_MS,
    clusterRetryStrategy: () => RECONNECT_MS,
    redisOptions: {
      scripts: REDIS_SCRIPTS,
      connectionName: "marquee",
      connectTimeout: COMMAND_TIMEOUT_MS,
      commandTimeout: COMMAND_TIMEOUT_MS,
      socketTimeout: SOCKET_TIMEOUT_MS,
      maxRetriesPerRequest: 0,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(tls ? { tls: {} } : {}),
    },
  });
}

/** Connects where that has not been done. @throws what the client has seen last, within COMMAND_TIMEOUT_MS */
async function ready(client: Cluster): Promise<void> {
  if (client.status === "ready") return;
  if (client.status === "wait" || client.status === "end") {
    await within(COMMAND_TIMEOUT_MS, client.connect());
    return;
  }
  let onReady = () => {};
  const becomes = new Promise<void>((resolve) => {
    onReady = resolve;
    client.once("ready", onReady);
  });
  await within(COMMAND_TIMEOUT_MS, becomes).finally(() => client.off("ready", onReady));
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = delay(milliseconds, undefined, { signal: timer.signal }).then(
    () => Promise.reject(new Error("Command timed out")),
    () => work,
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
  }
}
