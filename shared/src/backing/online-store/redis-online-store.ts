import type { Clock } from "../../service/clock.ts";
import { inParallel } from "../../service/in-parallel.ts";
import { mergeWatermarks } from "./merge-watermarks.ts";
import { CLOCKS_APART_MS, type OnlineStore, type OnlineWrite, type Watermark } from "./online-store.ts";
import {
  decodeRecord,
  decodeWatermark,
  encodeRecord,
  encodeWatermark,
  type RedisKeys,
  redisKeys,
} from "./redis-layout.ts";
import type { RedisCommand, RedisNodes } from "./redis-nodes.ts";

/** Pipelines under way at a time: one is written and one read while Redis works on the third. */
const PIPELINES_AT_A_TIME = 3;
/** Bytes of values per script: Redis does nothing else while it runs. */
const BYTES_PER_SCRIPT = 1_000_000;

export interface RedisOnlineStoreOptions {
  nodes: RedisNodes;
  clock: Clock;
  /** What every key begins with, so that several may share a Redis. "marquee" unless given. */
  namespace?: string | undefined;
}

/**
 * An online store in Redis 7 or newer, one server or a cluster. Nothing expires there.
 * Every call throws ONLINE_STORE_UNAVAILABLE within seconds while Redis is away, SETTINGS_INVALID where it refuses the login.
 */
export function createRedisOnlineStore({ nodes, clock, namespace }: RedisOnlineStoreOptions): OnlineStore {
  const keys = redisKeys(namespace ?? "marquee");

  const latestMs = () => clock.now().getTime() + CLOCKS_APART_MS;

  const remove = async (valueKeys: readonly string[]) => {
    await runAll(
      nodes,
      scripts(valueKeys, nodes.keysPerScript, (some) => (pipeline) => pipeline.unlink(some)),
    );
  };

  return {
    write: async (entries) => {
      await runAll(nodes, writeCommands(entries, { keys, keysPerScript: nodes.keysPerScript, latestMs: latestMs() }));
    },
    read: async (wanted) => {
      if (wanted.length === 0) return [];
      const valueKeys = wanted.map(keys.value);
      // Watermarks are asked for before the values: one that is confirmed in between makes no old value look new.
      const markKeys = wanted.map(({ view }, i) => keys.watermark(view, nodes.tagNear(valueKeys[i] ?? "")));
      const places = new Map([...new Set(markKeys)].map((key, i) => [key, i]));
      const answers = await nodes.get([...places.keys(), ...valueKeys]);
      const now = clock.now().getTime();
      return markKeys.map((markKey, i) =>
        decodeRecord(answers[places.size + i] ?? null, answers[places.get(markKey) ?? -1] ?? null, now),
      );
    },
    remove: (gone) => remove(gone.map(keys.value)),
    retire: async (views, olderThan) => {
      if (views.length === 0) return 0;
      const prefixes = new Set(views.map(keys.ofView));
      return nodes.retire({ prefixes, common: keys.ofViews(views), olderThanMs: olderThan.getTime() });
    },
    confirm: async (view, watermark) => {
      await runAll(nodes, confirmCommands(view, watermark, { keys, tags: nodes.tags, latestMs: latestMs() }));
    },
    watermarks: () => readWatermarks(nodes, keys),
    incarnation: () => nodes.incarnation(),
    drop: async (view) => {
      // First the watermark says that nothing is right: who is stopped amid the rest is not taken for done.
      const nothing = encodeWatermark({ at: new Date(0), source: "" });
      const marks = nodes.tags.map((tag) => ({ tag, key: keys.watermark(view, tag) }));
      await nodes.run(marks.map(({ key }) => ({ key, add: (pipeline) => pipeline.set(key, nothing) })));
      for await (const page of nodes.scan(keys.ofView(view))) await remove(page);
      await nodes.run(
        marks.flatMap(({ tag, key }): RedisCommand[] => [
          { key, add: (pipeline) => pipeline.unlink(key) },
          { key, add: (pipeline) => pipeline.srem(keys.views(tag), view) },
        ]),
      );
    },
    close: () => nodes.close(),
  };
}

async function runAll(nodes: RedisNodes, commands: readonly RedisCommand[]): Promise<unknown[]> {
  const pipelines = chunks(commands, nodes.commandsPerPipeline);
  return (await inParallel(pipelines, PIPELINES_AT_A_TIME, (some) => nodes.run(some))).flat();
}

function writeCommands(
  entries: readonly OnlineWrite[],
  { keys, keysPerScript, latestMs }: { keys: RedisKeys; keysPerScript: number; latestMs: number },
): RedisCommand[] {
  const commands: RedisCommand[] = [];
  for (let from = 0; from < entries.length; ) {
    let to = from;
    for (let bytes = 0; to < entries.length && to - from < keysPerScript && bytes < BYTES_PER_SCRIPT; to++) {
      bytes += entries[to]?.value.length ?? 0;
    }
    const some = entries.slice(from, to);
    const records = some.map(encodeRecord);
    const names = some.map(keys.value);
    commands.push({
      key: names[0] ?? "",
      add: (pipeline) => pipeline.marqueeWrite(names.length, names, latestMs, records),
    });
    from = to;
  }
  return commands;
}

function confirmCommands(
  view: string,
  watermark: Watermark,
  { keys, tags, latestMs }: { keys: RedisKeys; tags: readonly string[]; latestMs: number },
): RedisCommand[] {
  const record = encodeWatermark(watermark);
  return tags.map((tag) => {
    const key = keys.watermark(view, tag);
    return { key, add: (pipeline) => pipeline.marqueeConfirm(key, keys.views(tag), record, view, latestMs) };
  });
}

async function readWatermarks(nodes: RedisNodes, keys: RedisKeys): Promise<ReadonlyMap<string, Watermark>> {
  const lists = await nodes.run(
    nodes.tags.map((tag) => ({ key: keys.views(tag), add: (pipeline) => pipeline.smembers(keys.views(tag)) })),
  );
  const views = [...new Set((lists as string[][]).flat())].sort();
  if (views.length === 0) return new Map();
  const records = await nodes.get(views.flatMap((view) => nodes.tags.map((tag) => keys.watermark(view, tag))));
  const watermarks = new Map<string, Watermark>();
  views.forEach((view, i) => {
    const copies = records.slice(i * nodes.tags.length, (i + 1) * nodes.tags.length);
    const merged = mergeWatermarks(copies.map(decodeWatermark));
    if (merged) watermarks.set(view, merged);
  });
  return watermarks;
}

function scripts(
  keys: readonly string[],
  keysPerScript: number,
  add: (some: string[]) => RedisCommand["add"],
): RedisCommand[] {
  return chunks(keys, keysPerScript).map((some) => ({ key: some[0] ?? "", add: add(some) }));
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
