import type { TaskResult } from "@marquee/shared/contracts/tasks";
import { MarqueeError } from "@marquee/shared/service/errors";
import { type Archive, objectPrefix } from "../archive/archive.ts";
import type { Damage } from "../archive/damage.ts";
import { type AnewFromSources, fetchAnew } from "./fetch-anew.ts";
import { withStepLock } from "./step-lock.ts";
import type { TaskContext } from "./task-context.ts";
import { trackedStep } from "./tracked-step.ts";
import { type ArchiveFigures, examineArchive, listArchive } from "./verify-archive.ts";

/** `fetches` is their number before the repair. */
export interface RepairDetail extends AnewFromSources, ArchiveFigures {
  /** Objects that were removed. */
  objects: number;
  damaged: Damage[];
}

/**
 * Reads the whole archive back, takes each fetch out that is damaged or missing, and has the next collection fetch what
 * it held: content that comes again would not be stored over the object that is there. Rows of the catalog stay. Killed
 * at any moment, the next call goes on; where nothing is damaged, nothing is done.
 * @returns rowsIn: fetches; rowsOut: those taken out; detail: RepairDetail
 */
export async function repairArchive(
  context: TaskContext,
  archive: Archive,
): Promise<TaskResult & { detail: RepairDetail }> {
  // Content that a collection stores meanwhile would go with what is removed, and a load would read what goes.
  return withStepLock(context, "collect", async () => {
    let repaired: (TaskResult & { detail: RepairDetail }) | undefined;
    await trackedStep(context, {
      step: "archive",
      work: async (running) => {
        repaired = await withStepLock(running, "catalog", () => repair(running, archive));
        return repaired;
      },
    });
    if (repaired === undefined)
      throw new MarqueeError("INTERNAL", "The step did not run, though it has no input hash.");
    return repaired;
  });
}

async function repair(context: TaskContext, archive: Archive): Promise<TaskResult & { detail: RepairDetail }> {
  const listing = await listArchive(archive);
  const { damaged, wholeObjects, result } = await examineArchive(context, archive, listing);
  // Rows first: what is left of the archive when it is killed says what is still to be done.
  const anew = await fetchAnew(context, damaged, listing.keys);
  const objects = await takeOut(context, damaged, wholeObjects);
  return {
    rowsIn: listing.keys.length,
    rowsOut: damaged.length,
    detail: { ...result.detail, ...anew, objects, damaged },
  };
}

/** The objects before what names them: after a crash between the two the fetch is found again, as missing. */
async function takeOut(
  { objectStore, signal, onProgress }: TaskContext,
  damaged: readonly Damage[],
  wholeObjects: ReadonlySet<string>,
): Promise<number> {
  let objects = 0;
  for (const [i, { key, hash }] of damaged.entries()) {
    signal.throwIfAborted();
    // By its hash: a manifest that cannot be read does not name it.
    const named = hash === undefined ? [] : await Array.fromAsync(objectStore.list(objectPrefix(hash)));
    for (const object of named) {
      if (wholeObjects.has(object.key)) continue;
      await objectStore.remove(object.key);
      objects += 1;
    }
    await objectStore.remove(key);
    onProgress({ done: i + 1, total: damaged.length, unit: "damaged fetches" });
  }
  return objects;
}
