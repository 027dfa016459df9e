import type { OnlineKey, OnlineRead, OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import type { OnlineLookup } from "@marquee/shared/features/on-demand";
import { errorMessage, MarqueeError } from "@marquee/shared/service/errors";

/** When to ask again: an online store that restarts is back within seconds. */
const RETRY_AFTER_SECONDS = 2;
/** A materialisation takes seconds to minutes. */
const RETRY_AFTER_MATERIALISATION_SECONDS = 60;
const MISSING: OnlineRead = { status: "missing" };

/** Something that may have gone wrong on its way, which ends the way. */
interface Stoppable {
  problem: MarqueeError | undefined;
}

/** One step on the way from requests to features: what it has to know, and what it makes of it. */
export interface Stage<Item extends Stoppable> {
  concerns(item: Item): boolean;
  keys(item: Item): OnlineKey[];
  /** @throws MarqueeError: the problem of this item alone */
  take(item: Item, lookup: OnlineLookup): void;
}

export interface StageContext {
  onlineStore: OnlineStore;
  /** Told of what is no fault of the request. */
  onFault(error: unknown): void;
}

/**
 * Takes all items through a stage with one read for all of them, none where no item has a question. What goes wrong
 * with an item stays with it.
 * @throws NOT_READY where the online store does not answer
 */
export async function runStage<Item extends Stoppable>(
  { onlineStore, onFault }: StageContext,
  stage: Stage<Item>,
  items: readonly Item[],
): Promise<void> {
  const concerned = items.filter((item) => item.problem === undefined && stage.concerns(item));
  if (concerned.length === 0) return;
  const lookup = await readOnce(onlineStore, concerned.flatMap(stage.keys));
  for (const item of concerned) {
    try {
      stage.take(item, lookup);
    } catch (error) {
      item.problem = problemOfFault(error, onFault);
    }
  }
}

/** Equal keys are read once. Found by entity and then by view, since those of one entity come together. */
async function readOnce(onlineStore: OnlineStore, keys: readonly OnlineKey[]): Promise<OnlineLookup> {
  const places = new Map<string, Map<string, number>>();
  const distinct: OnlineKey[] = [];
  for (const key of keys) {
    const views = places.get(key.entity) ?? new Map<string, number>();
    if (views.size === 0) places.set(key.entity, views);
    if (views.has(key.view)) continue;
    views.set(key.view, distinct.length);
    distinct.push(key);
  }
  if (distinct.length === 0) return () => MISSING;
  const values = await read(onlineStore, distinct);
  return ({ entity, view }) => {
    const place = places.get(entity)?.get(view);
    return (place === undefined ? undefined : values[place]) ?? MISSING;
  };
}

async function read(onlineStore: OnlineStore, keys: OnlineKey[]): Promise<OnlineRead[]> {
  try {
    return await onlineStore.read(keys);
  } catch (error) {
    throw new MarqueeError("NOT_READY", "The online store of features does not answer. Try again shortly.", {
      cause: error,
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    });
  }
}

/** NOT_READY: what the request needs was not written to the online store, or was written for other feature views. */
export function notMaterialised(what: string): MarqueeError {
  return new MarqueeError("NOT_READY", `The online store has no ${what}. They come with the next materialisation.`, {
    retryAfterSeconds: RETRY_AFTER_MATERIALISATION_SECONDS,
  });
}

function problemOfFault(error: unknown, onFault: StageContext["onFault"]): MarqueeError {
  if (error instanceof MarqueeError) return error;
  onFault(error);
  return new MarqueeError("INTERNAL", `A stored feature cannot be read: ${errorMessage(error)}`, { cause: error });
}
