import type { Transaction } from "@marquee/shared/backing/postgres/database";
import { isMarqueeError, MarqueeError } from "@marquee/shared/service/errors";
import type { ListedManifest } from "../archive/archive.ts";
import { saveChecks } from "../data-quality/check-store.ts";
import { gateFile } from "../data-quality/gate-file.ts";
import { type Figure, figureKey, type QualityCheck, stopsOf } from "../data-quality/quality-check.ts";
import type { ImdbFile } from "../sources/imdb-client.ts";
import { isWrongForm } from "../sources/imdb-tsv.ts";
import type { StepContext, TaskContext } from "../tasks/task-context.ts";
import type { RefusedLines } from "./imdb-refused-lines.ts";

/** A step's context; outside of one, such as in a benchmark, no run has figures to keep. */
export type LoadContext = TaskContext & Partial<Pick<StepContext, "runId">>;

/** What one file came to, before anything of it is committed. */
export interface FileLoad {
  /** Lines but for the header. */
  rowsIn: number;
  /** Lines that were taken. */
  rowsLoaded: number;
  /** Rows of tables that are other than before. */
  rowsChanged: number;
  refused: RefusedLines;
  /** Beside those that every file has. */
  figures: Figure[];
  /** Identity of what the tables now hold of this file; left out where they hold a newer state too. */
  state?: string;
}

/** What became of a fetched file. */
export interface FileOutcome {
  file: ImdbFile;
  rows: number;
  changed: number;
  quarantined: number;
  /** Why the quality gate refused it; then nothing of it is in use. */
  refused?: string;
}

/**
 * Loads a file in one transaction, which holds its rows, what was quarantined, its quality figures and the note that it
 * is loaded. Where the gate says stop, or the file is not of IMDb's form (a column is gone), none of that happens: what
 * was loaded before stays in use, and the refusal is noted, so that the file is not tried again until a person accepts it.
 */
export async function loadGated(
  context: LoadContext,
  { key, manifest }: ListedManifest,
  work: (tx: Transaction) => Promise<FileLoad>,
): Promise<FileOutcome> {
  const file = manifest.name as ImdbFile;
  const { database, clock } = context;
  let checks: QualityCheck[] = [];
  try {
    const load = await database.transaction(async (tx) => {
      const done = await work(tx);
      const earlier = await stopsOfRun(tx, file, context.runId);
      checks = await gateFile(tx, figuresOf(file, done), context);
      const stops = await withoutAccepted(tx, stopsOf(checks));
      if (stops.length > 0) throw stopped(file, stops);
      if (context.runId !== undefined) await saveChecks(tx, context.runId, earlier, clock.now());
      await done.refused.save(tx, key, clock.now());
      await tx.execute(
        `insert into archive_loads (manifest_key, rows_in, rows_loaded, rows_quarantined, loaded_at)
         values ($1, $2, $3, $4, $5)
         on conflict (manifest_key) do update set
           rows_in = excluded.rows_in, rows_loaded = excluded.rows_loaded, rows_quarantined = excluded.rows_quarantined,
           loaded_at = excluded.loaded_at, status = 'loaded', reason = null`,
        [key, done.rowsIn, done.rowsLoaded, done.refused.count, clock.now()],
      );
      if (done.state !== undefined) await noteState(tx, { file, key, state: done.state, load: done, now: clock.now() });
      return done;
    });
    return { file, rows: load.rowsIn, changed: load.rowsChanged, quarantined: load.refused.count };
  } catch (thrown) {
    const error = isWrongForm(thrown) ? unreadable(file, thrown) : thrown;
    if (!isMarqueeError(error, "QUALITY_STOPPED")) throw error;
    await noteRefusal(context, key, error === thrown ? checks : [unreadableCheck(file)], error.message);
    return { file, rows: 0, changed: 0, quarantined: 0, refused: error.message };
  }
}

/** Stops of an earlier day's file, which the run is to keep beside what a later one comes to. */
async function stopsOfRun(tx: Transaction, file: ImdbFile, runId: string | undefined): Promise<QualityCheck[]> {
  if (runId === undefined) return [];
  return tx.query<QualityCheck>(
    `select layer, subject, metric, value, expected, verdict from quality_checks
     where run_id = $1 and subject = $2 and verdict = 'stop'`,
    [runId, file],
  );
}

/** A file that a person has accepted is judged again when it is tried again, and comes to the same figures. */
async function withoutAccepted(tx: Transaction, stops: readonly QualityCheck[]): Promise<QualityCheck[]> {
  if (stops.length === 0) return [];
  const accepted = await tx.query<Pick<QualityCheck, "subject" | "metric" | "value">>(
    `select c.subject, c.metric, c.value from quality_checks c join quality_acceptances a using (run_id)
     where c.verdict = 'stop' and c.subject = any($1)`,
    [stops.map(({ subject }) => subject)],
  );
  return stops.filter(
    (stop) => !accepted.some((known) => figureKey(known) === figureKey(stop) && known.value === stop.value),
  );
}

async function noteState(
  tx: Transaction,
  { file, key, state, load, now }: { file: ImdbFile; key: string; state: string; load: FileLoad; now: Date },
): Promise<void> {
  await tx.execute(
    `insert into snapshot_loads
       (file, input_hash, manifest_key, rows_in, rows_loaded, rows_quarantined, rows_changed, loaded_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (file) do update set
       input_hash = excluded.input_hash, manifest_key = excluded.manifest_key, rows_in = excluded.rows_in,
       rows_loaded = excluded.rows_loaded, rows_quarantined = excluded.rows_quarantined,
       rows_changed = excluded.rows_changed, loaded_at = excluded.loaded_at`,
    [file, state, key, load.rowsIn, load.rowsLoaded, load.refused.count, load.rowsChanged, now],
  );
}

function figuresOf(file: ImdbFile, { rowsIn, refused, figures }: FileLoad): Figure[] {
  const subject = { layer: "bronze", subject: file } as const;
  const quarantined = rowsIn === 0 ? null : refused.count / rowsIn;
  return [
    { ...subject, metric: "rows", value: rowsIn },
    { ...subject, metric: "quarantined_share", value: quarantined },
    ...figures,
  ];
}

function stopped(file: ImdbFile, stops: readonly QualityCheck[]): MarqueeError {
  const reasons = stops.map(({ metric, value, expected }) => `${metric} is ${value} (expected: ${expected})`);
  return new MarqueeError("QUALITY_STOPPED", `${file} is not loaded: ${reasons.join("; ")}.`);
}

function unreadable(file: ImdbFile, cause: MarqueeError): MarqueeError {
  return new MarqueeError("QUALITY_STOPPED", `${file} is not loaded: ${cause.message}`, { cause });
}

/** What a person accepts to have the file tried again, by a version that can read it. */
function unreadableCheck(file: ImdbFile): QualityCheck {
  const expected = "none that is not of IMDb's form";
  return { layer: "bronze", subject: file, metric: "count unreadable", value: 1, expected, verdict: "stop" };
}

/** When the run is accepted (data-quality/accept-run.ts) the note goes, and the next load tries the file again. */
async function noteRefusal(
  { database, clock, log, runId }: LoadContext,
  key: string,
  checks: readonly QualityCheck[],
  message: string,
): Promise<void> {
  log.warn({ manifest: key }, message);
  await database.transaction(async (tx) => {
    if (runId !== undefined) await saveChecks(tx, runId, checks, clock.now());
    await tx.execute(
      `insert into archive_loads (manifest_key, rows_in, rows_loaded, rows_quarantined, loaded_at, status, reason)
       values ($1, 0, 0, 0, $2, 'refused', $3)
       on conflict (manifest_key) do update set
         status = excluded.status, reason = excluded.reason, loaded_at = excluded.loaded_at`,
      [key, clock.now(), message],
    );
  });
}
