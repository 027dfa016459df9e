import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import type { Database } from "@marquee/shared/backing/postgres/database";
import { knownAsErased, rememberErased, userHashOf } from "@marquee/shared/data-rights/erased-users";
import { type Clock, instantOf } from "@marquee/shared/service/clock";
import { inParallel } from "@marquee/shared/service/in-parallel";
import { listErasedUsers, readErasureNote, writeErasureNote } from "./erasure-notes.ts";
import { countUserRows, noUserRows, removeUserRows, type UserRows, userIdsOf } from "./user-rows.ts";

/** Notes read at the same time: S3 takes 10 ms for each. */
const NOTES_AT_ONCE = 16;

export interface ErasureContext {
  database: Database;
  /** Where it is noted for restores of older backups: the product's, and the one that backups lie in where it is another. */
  noteStores: Iterable<ObjectStore>;
  clock: Clock;
}

export interface Erasure {
  userHash: string;
  /** Removed from each place; of a dry run: what would be. */
  removed: UserRows;
}

/** What `eraseUser` would remove. Changes nothing. */
export async function planErasure({ database }: Pick<ErasureContext, "database">, userId: string): Promise<Erasure> {
  return { userHash: userHashOf(userId), removed: await countUserRows(database, [userId]) };
}

/**
 * Removes a user's rows everywhere in the database, and remembers the hash of the id, so that what comes of this user
 * later (from Kafka, a spool, a replay) is not stored. Doing it again removes what came since.
 * @throws DATABASE_UNAVAILABLE, OBJECT_STORE_UNAVAILABLE: then no row was removed
 */
export async function eraseUser({ database, noteStores, clock }: ErasureContext, userId: string): Promise<Erasure> {
  const note = { userHash: userHashOf(userId), erasedAt: instantOf(clock) };
  // Before the rows: a backup that is restored after a crash between the two has them all again.
  for (const store of noteStores) await writeErasureNote(store, note);
  return database.transaction(async (tx) => {
    await rememberErased(tx, [note]);
    return { userHash: note.userHash, removed: await removeUserRows(tx, [userId]) };
  });
}

export interface ReappliedErasures {
  /** Of whom a store has a note and the database did not know. */
  users: number;
  removed: UserRows;
}

/**
 * Erases again the users that the stores have a note of and the database does not know as erased: it was restored from a
 * backup from before. To be called once it is migrated to this release, before anybody reads it; doing it again, and
 * where nothing was restored, changes nothing.
 * @throws OBJECT_CORRUPT where a note that is needed cannot be read
 */
export async function reapplyErasures({
  database,
  noteStores,
}: Pick<ErasureContext, "database" | "noteStores">): Promise<ReappliedErasures> {
  const storeOf = new Map<string, ObjectStore>();
  for (const store of noteStores) for (const userHash of await listErasedUsers(store)) storeOf.set(userHash, store);
  for (const userHash of await knownAsErased(database, [...storeOf.keys()])) storeOf.delete(userHash);
  // The usual: nobody who stores what users do is to wait for it.
  if (storeOf.size === 0) return { users: 0, removed: noUserRows() };
  const notes = await inParallel([...storeOf], NOTES_AT_ONCE, ([userHash, store]) => readErasureNote(store, userHash));
  return database.transaction(async (tx) => {
    const unknown = await rememberErased(tx, notes);
    const userIds = unknown.length === 0 ? [] : await userIdsOf(tx, unknown);
    return { users: unknown.length, removed: await removeUserRows(tx, userIds) };
  });
}
