import type { Queries, Transaction } from "../backing/postgres/database.ts";
import { sha256 } from "../service/ids.ts";

/** Advisory lock between who stores what users did (shared) and who erases a user (alone). */
const LOCK = 4_601_009;

/** Under which an erased user is remembered. */
export function userHashOf(userId: string): string {
  return sha256(userId);
}

/**
 * Which of these users were erased. Until the transaction ends no other user is erased, so what it stores next was
 * checked against all erasures that there are, or will be found by the next one.
 */
export async function erasedAmong(tx: Transaction, userIds: readonly string[]): Promise<ReadonlySet<string>> {
  // A statement of its own: what the next one sees begins after the wait for the lock.
  await tx.query("select pg_advisory_xact_lock_shared($1)", [LOCK]);
  const ids = new Map(userIds.map((id) => [userHashOf(id), id]));
  const erased = await knownAsErased(tx, [...ids.keys()]);
  return new Set(erased.flatMap((userHash) => ids.get(userHash) ?? []));
}

/** Which of these hashes are those of users who were erased. */
export async function knownAsErased(database: Queries, userHashes: readonly string[]): Promise<string[]> {
  const rows = await database.query<{ user_hash: string }>(
    "select user_hash from erased_users where user_hash = any($1)",
    [userHashes],
  );
  return rows.map(({ user_hash }) => user_hash);
}

/**
 * Remembers users as erased, from the moment the transaction commits; waits for those who store. Who calls it removes
 * their rows next, in the same transaction.
 * @returns hashes of those who were not remembered yet
 */
export async function rememberErased(
  tx: Transaction,
  users: readonly { userHash: string; erasedAt: string }[],
): Promise<string[]> {
  await tx.query("select pg_advisory_xact_lock($1)", [LOCK]);
  const rows = await tx.query<{ user_hash: string }>(
    `insert into erased_users (user_hash, erased_at)
     select "userHash", "erasedAt" from jsonb_to_recordset($1::jsonb) as r("userHash" text, "erasedAt" timestamptz)
     on conflict (user_hash) do nothing
     returning user_hash`,
    [JSON.stringify(users)],
  );
  return rows.map(({ user_hash }) => user_hash);
}
