import { MODEL_ALIASES } from "../../contracts/model-version.ts";
import type { Clock } from "../../service/clock.ts";
import type { Logger } from "../../service/logger.ts";
import type { Database, Transaction } from "../postgres/database.ts";
import type { ModelTracking } from "./model-tracking.ts";
import { createPostgresModelTracking } from "./postgres-model-tracking.ts";

export interface MirrorOptions {
  database: Database;
  clock: Clock;
  tracking: ModelTracking;
  log: Logger;
}

/** How many of each were brought over or put right. */
export interface Mirrored {
  runs: number;
  versions: number;
  aliases: number;
}

/**
 * Brings every run that succeeded, every version and every alias to the tracking server that lacks it or has it
 * otherwise: PostgreSQL is the truth. What the server has besides is left alone. With nothing to bring it costs five
 * small requests a model. Mirrors of one database wait for each other, since MLflow would take one run twice, and the one
 * that comes last sees the latest aliases.
 * @throws TRACKING_UNAVAILABLE, TRACKING_REFUSED; what was brought until then stays, and the next mirror goes on
 */
export async function mirrorModels({ database, clock, tracking, log }: MirrorOptions): Promise<Mirrored> {
  const mirrored = await database.transaction(async (tx) => {
    await tx.query("select pg_advisory_xact_lock(hashtextextended('mirror-models', 0))");
    const truth = createPostgresModelTracking({ database: insideOf(tx, database), clock });
    const sum: Mirrored = { runs: 0, versions: 0, aliases: 0 };
    for (const name of await modelNames(tx)) {
      sum.runs += await mirrorRuns(name, truth, tracking);
      sum.versions += await mirrorVersions(name, truth, tracking);
      sum.aliases += await mirrorAliases(name, truth, tracking);
    }
    return sum;
  });
  if (mirrored.runs + mirrored.versions + mirrored.aliases > 0) {
    log.info({ mirrored }, "models mirrored to the tracking server");
  }
  return mirrored;
}

/** Reads on the transaction's own connection: mirrors that wait with one each would leave none for the one that works. */
function insideOf(tx: Transaction, database: Database): Database {
  return { ...database, query: tx.query, execute: tx.execute, transaction: (work) => work(tx) };
}

async function modelNames(tx: Transaction): Promise<string[]> {
  const rows = await tx.query<{ model_name: string }>(
    "select distinct model_name from training_runs where status = 'succeeded' order by model_name",
  );
  return rows.map(({ model_name }) => model_name);
}

async function mirrorRuns(name: string, truth: ModelTracking, tracking: ModelTracking): Promise<number> {
  const there = new Map((await tracking.runs(name)).map((run) => [run.runId, run.status]));
  const lacking = (await truth.runs(name)).filter(
    ({ runId, status }) => status === "succeeded" && there.get(runId) !== status,
  );
  for (const run of lacking) await tracking.recordRun(run);
  return lacking.length;
}

async function mirrorVersions(name: string, truth: ModelTracking, tracking: ModelTracking): Promise<number> {
  const there = new Map((await tracking.versions(name)).map(({ version, runId }) => [version, runId]));
  // Ascending, so that the server, which numbers versions itself, comes to the same numbers.
  const lacking = (await truth.versions(name)).filter(({ version, runId }) => there.get(version) !== runId);
  for (const version of lacking) await tracking.recordVersion(version);
  return lacking.length;
}

async function mirrorAliases(name: string, truth: ModelTracking, tracking: ModelTracking): Promise<number> {
  const there = await tracking.aliases(name);
  const meant = await truth.aliases(name);
  let moved = 0;
  for (const alias of MODEL_ALIASES) {
    const version = meant[alias];
    if (version === undefined || there[alias] === version) continue;
    await tracking.setAlias(name, alias, version);
    moved += 1;
  }
  return moved;
}
