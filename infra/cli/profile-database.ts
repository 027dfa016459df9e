import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { connectDatabase, type Database } from "@marquee/shared/backing/postgres/database";
import { startEmbeddedPostgres } from "@marquee/shared/backing/postgres/embedded-postgres";
import { lockFolder } from "@marquee/shared/backing/postgres/folder-lock";
import { runningPostgresUrl } from "@marquee/shared/backing/postgres/running-postgres";
import { errorMessage, isMarqueeError, MarqueeError } from "@marquee/shared/service/errors";
import type { Logger } from "@marquee/shared/service/logger";
import type { Profile } from "../local/profile.ts";

/** One number for all commands; any would do that nobody else locks. */
const IN_USE_LOCK = 4_601_031;
/** Another process that has the folder may be starting its server, or stopping it; so long that may take, in milliseconds. */
const JOIN_TIMEOUT_MS = 60_000;
/** Neither is an event that we could await, in milliseconds. */
const POLL_MS = 200;

export interface ProfileDatabase {
  database: Database;
  /** Ends our use of it. A server that this process started stops once no other command uses it. */
  close(signal: AbortSignal): Promise<void>;
}

interface OpenOptions {
  profile: Profile;
  log: Logger;
  signal: AbortSignal;
}

/**
 * The profile's embedded database: its server is started for as long as this process needs it, or is that of the process
 * which has the folder already (`npm start`, another command), and is then left running.
 * @throws ALREADY_RUNNING where another process has the folder and its database does not answer, and what starting throws
 */
export async function openProfileDatabase(options: OpenOptions): Promise<ProfileDatabase> {
  const deadline = performance.now() + JOIN_TIMEOUT_MS;
  for (;;) {
    options.signal.throwIfAborted();
    try {
      return await startOwn(options);
    } catch (error) {
      if (!isMarqueeError(error, "ALREADY_RUNNING")) throw error;
    }
    const joined = await joinRunning(options);
    if ("database" in joined) return joined;
    if (performance.now() > deadline) {
      throw new MarqueeError(
        "ALREADY_RUNNING",
        `Another Marquee has ${options.profile.folder}, and its database does not answer (${joined.problem}). Stop that one, then run the command again.`,
      );
    }
    await delay(POLL_MS, undefined, { signal: options.signal });
  }
}

/** @throws ALREADY_RUNNING where another process has the folder */
async function startOwn({ profile, log }: OpenOptions): Promise<ProfileDatabase> {
  const lock = lockFolder(profile.folder);
  try {
    const postgres = await startEmbeddedPostgres({ folder: postgresIn(profile), log });
    const database = connectDatabase({ url: postgres.url, log });
    return {
      database,
      close: async (signal) => {
        await unused(database, signal, log);
        await database.close();
        await postgres.stop();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function joinRunning({ profile, log }: OpenOptions): Promise<ProfileDatabase | { problem: string }> {
  const url = await runningPostgresUrl(postgresIn(profile));
  if (url === undefined) return { problem: "it is starting or stopping" };
  const database = connectDatabase({ url, log });
  try {
    const release = await markInUse(database);
    return {
      database,
      close: async () => {
        await release();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    return { problem: errorMessage(error) };
  }
}

function postgresIn({ folder }: Profile): string {
  return join(folder, "postgres");
}

/**
 * Holds a lock that tells the process which started the server that it is still needed. It is PostgreSQL's, so that a
 * killed command leaves none behind.
 */
async function markInUse(database: Database): Promise<() => Promise<void>> {
  const held = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const transaction = database.transaction(async (tx) => {
    await tx.execute("set local idle_in_transaction_session_timeout = 0");
    await tx.query("select pg_advisory_xact_lock_shared($1)", [IN_USE_LOCK]);
    held.resolve();
    await over.promise;
  });
  // A server that went away has told whoever works on it already.
  const ended = transaction.catch((error: unknown) => held.reject(error));
  await held.promise;
  return async () => {
    over.resolve();
    await ended;
  };
}

/** Waits until no other command works on the database, or for the signal. */
async function unused(database: Database, signal: AbortSignal, log: Logger): Promise<void> {
  for (let waited = false; !signal.aborted; waited = true) {
    const [row] = await database
      .query<{ free: boolean }>("select pg_try_advisory_xact_lock($1) as free", [IN_USE_LOCK])
      .catch(() => [{ free: true }]); // the server is gone: nobody uses it
    if (row?.free !== false) return;
    if (!waited) log.info("waiting: another command uses this database");
    await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}
