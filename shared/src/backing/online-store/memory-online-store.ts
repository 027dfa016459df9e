import type { Clock } from "../../service/clock.ts";
import type { OnlineRead, OnlineStore } from "./online-store.ts";

interface Stored {
  value: Uint8Array;
  /** Milliseconds since 1970. */
  materializedAt: number;
  ttlSeconds: number;
}

/** An online store in this process's memory, gone with it: filled anew at each start. */
export function createMemoryOnlineStore(clock: Clock): OnlineStore {
  const views = new Map<string, Map<string, Stored>>();

  function entitiesOf(view: string): Map<string, Stored> {
    const entities = views.get(view) ?? new Map<string, Stored>();
    views.set(view, entities);
    return entities;
  }

  return {
    write: async (entries) => {
      for (const { view, entity, value, materializedAt, ttlSeconds } of entries) {
        const entities = entitiesOf(view);
        const present = entities.get(entity);
        if (present && present.materializedAt > materializedAt.getTime()) continue;
        entities.set(entity, { value: Uint8Array.from(value), materializedAt: materializedAt.getTime(), ttlSeconds });
      }
    },
    read: async (keys) => {
      const now = clock.now().getTime();
      return keys.map(({ view, entity }) => readingOf(views.get(view)?.get(entity), now));
    },
    retire: async (view, olderThan) => {
      const entities = views.get(view) ?? new Map<string, Stored>();
      const before = entities.size;
      for (const [entity, { materializedAt }] of entities) {
        if (materializedAt < olderThan.getTime()) entities.delete(entity);
      }
      return before - entities.size;
    },
    close: async () => {
      views.clear();
    },
  };
}

function readingOf(stored: Stored | undefined, now: number): OnlineRead {
  if (stored === undefined) return { status: "missing" };
  const { value, materializedAt, ttlSeconds } = stored;
  // A writer's clock may be ahead of ours.
  const ageSeconds = Math.max(0, (now - materializedAt) / 1000);
  return { status: ageSeconds < ttlSeconds ? "present" : "stale", value, ageSeconds };
}
