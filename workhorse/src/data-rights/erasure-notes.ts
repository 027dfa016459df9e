import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import { instantSchema } from "@marquee/shared/contracts/time";
import { MarqueeError } from "@marquee/shared/service/errors";
import { z } from "zod";

const PREFIX = "erasures/";
const ENDING = ".json";

/** An object per erased user, so that a database that is restored from before the erasure hears of it. */
const erasureNoteSchema = z.strictObject({ userHash: z.string().regex(/^[0-9a-f]{64}$/), erasedAt: instantSchema });
export type ErasureNote = z.infer<typeof erasureNoteSchema>;

/** Of two notes of one user the first stays. */
export async function writeErasureNote(store: ObjectStore, note: ErasureNote): Promise<void> {
  await store.put(keyOf(note.userHash), JSON.stringify(note), { ifAbsent: true });
}

/** The users that the store has a note of, by the hashes in the notes' names: a thousand of them are one call. */
export async function listErasedUsers(store: ObjectStore): Promise<string[]> {
  const hashes: string[] = [];
  for await (const { key } of store.list(PREFIX)) hashes.push(key.slice(PREFIX.length, -ENDING.length));
  return hashes;
}

/** @throws OBJECT_CORRUPT, OBJECT_NOT_FOUND */
export async function readErasureNote(store: ObjectStore, userHash: string): Promise<ErasureNote> {
  const key = keyOf(userHash);
  const text = (await store.get(key)).toString("utf8");
  try {
    return erasureNoteSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new MarqueeError(
      "OBJECT_CORRUPT",
      `${key} is no note of an erasure: restore it from a copy, or erase the user again once it is removed.`,
      { cause: error },
    );
  }
}

function keyOf(userHash: string): string {
  return `${PREFIX}${userHash}${ENDING}`;
}
