import type { Clock } from "../../service/clock.ts";
import { CLOCKS_APART_MS, type OnlineRead, type OnlineStore, type Watermark } from "./online-store.ts";

interface Stored {
  value: Uint8Array;
  /** Milliseconds since 1970. */
  materializedAt: number;
  ttlSeconds: number;
}

/** An online store in this process's memory, gone with it: filled anew at each start. */
export function createMemoryOnlineStore(clock: Clock): OnlineStore {
  const views = new Map<string, Map<string, Stored>>();
  const watermarks = new Map<string, Watermark>();

  function entitiesOf(view: string): Map<string, Stored> {
    const entities = views.get(view) ?? new Map<string, Stored>();
    views.set(view, entities);
    return entities;
  }

  /** Whether what lies there is later than what comes, and can be. */
  const stays = (present: number, next: number, now: number) => present > next && present <= now + CLOCKS_APART_MS;

  return {
    write: async (entries) => {
      const now = clock.now().getTime();
      for (const { view, entity, value, materializedAt, ttlSeconds } of entries) {
        const entities = entitiesOf(view);
        const present = entities.get(entity);
        if (present && stays(present.materializedAt, materializedAt.getTime(), now)) continue;
        entities.set(entity, { value: Uint8Array.from(value), materializedAt: materializedAt.getTime(), ttlSeconds });
      }
    },
    read: async (keys) => {
      const now = clock.now().getTime();
      return keys.map(({ view, entity }) =>
        readingOf(views.get(view)?.get(entity), watermarks.get(view)?.at.getTime(), now),
      );
    },
    remove: async (keys) => {
      for (const { view, entity } of keys) views.get(view)?.delete(entity);
    },
    retire: async (retired, olderThan) => {
      let count = 0;
      for (const view of new Set(retired)) {
        for (const [entity, { materializedAt }] of views.get(view) ?? []) {
          if (materializedAt < olderThan.getTime() && views.get(view)?.delete(entity)) count++;
        }
      }
      return count;
    },
    confirm: async (view, watermark) => {
      const present = watermarks.get(view);
      if (present && stays(present.at.getTime(), watermark.at.getTime(), clock.now().getTime())) return;
      watermarks.set(view, { ...watermark, at: new Date(watermark.at) });
    },
    watermarks: async () => new Map(watermarks),
    // What it loses it loses with its readers.
    incarnation: async () => "",
    drop: async (view) => {
      views.delete(view);
      watermarks.delete(view);
    },
    close: async () => {
      views.clear();
      watermarks.clear();
    },
  };
}

function readingOf(stored: Stored | undefined, watermark: number | undefined, now: number): OnlineRead {
  if (stored === undefined) return { status: "missing" };
  const { value, materializedAt, ttlSeconds } = stored;
  // A writer's clock may be ahead of ours.
  const ageSeconds = Math.max(0, (now - Math.max(materializedAt, watermark ?? materializedAt)) / 1000);
  return { status: ageSeconds < ttlSeconds ? "present" : "stale", value, ageSeconds };
}
