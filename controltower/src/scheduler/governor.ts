import type { Database, Transaction } from "@marquee/shared/backing/postgres/database";
import type { Alert } from "@marquee/shared/contracts/alertmanager-webhook";
import {
  type AlertAnswer,
  type RetrainDecision,
  retrainDecisionSchema,
} from "@marquee/shared/contracts/retrain-decision";
import type { Clock } from "@marquee/shared/service/clock";
import { uuidv7 } from "@marquee/shared/service/ids";
import type { Logger } from "@marquee/shared/service/logger";
import type { SchedulerMetrics } from "./metrics.ts";
import type { Pipeline } from "./pipelines/pipeline.ts";
import { readRetrainHistory } from "./retrain-history.ts";
import { decideRetrain, RETRAIN_LABEL, type RetrainAnswer, type RetrainSettings } from "./retrain-policy.ts";
import type { Runs } from "./runs.ts";

/** One number for all who decide; any would do that nobody else locks (migrations have 4601007). */
const LOCK = 4_601_004;

export interface GovernorOptions {
  database: Database;
  runs: Runs;
  clock: Clock;
  log: Logger;
  metrics: SchedulerMetrics;
  /** What an accepted alert starts. */
  pipeline: Pipeline;
  settings: RetrainSettings;
}

/** Stands between alerts and training: every alert that asks for a retrain gets an answer, which is kept. */
export interface Governor {
  answer(alert: Alert): Promise<AlertAnswer>;
  /** The latest first. */
  decisions(limit: number): Promise<RetrainDecision[]>;
}

export function createGovernor(options: GovernorOptions): Governor {
  const { database, clock, log, metrics, settings } = options;

  async function decide(tx: Transaction, alert: Alert): Promise<RetrainAnswer & { runId: string | null }> {
    // Of two alerts at once the second sees what the first has started.
    await tx.query("select pg_advisory_xact_lock($1)", [LOCK]);
    const now = clock.now();
    const history = await readRetrainHistory(tx, alert, options.pipeline.name, now);
    let answer = decideRetrain({ now, alertName: alert.labels.alertname, history, settings });
    const runId = answer.accepted ? await startRun(tx, options, alert, answer) : undefined;
    if (answer.accepted && runId === undefined) {
      answer = { accepted: false, code: "ALREADY_RUNNING", reason: "A training run was started at the same moment." };
    }
    await store(tx, alert, { ...answer, runId: runId ?? null }, now);
    return { ...answer, runId: runId ?? null };
  }

  return {
    answer: async (alert) => {
      const told = { alert: alert.labels.alertname, fingerprint: alert.fingerprint, startsAt: alert.startsAt };
      const ignored = ignoredBecause(alert);
      if (ignored) {
        log.info({ ...told, code: ignored.code }, "an alert that asks for nothing");
        return { ...alertOf(alert), ...ignored, accepted: false, runId: null };
      }
      const decided = await database.transaction((tx) => decide(tx, alert));
      metrics.retrainDecided(decided.code);
      const { runId, code, reason } = decided;
      log.info({ ...told, code, reason, ...(runId ? { traceId: runId } : {}) }, "the governor answered an alert");
      return { ...alertOf(alert), ...decided };
    },
    decisions: (limit) => listDecisions(database, limit),
  };
}

function ignoredBecause({ status, labels }: Alert): Pick<AlertAnswer, "code" | "reason"> | undefined {
  if (status === "resolved") return { code: "RESOLVED", reason: "The alert is over." };
  if (labels[RETRAIN_LABEL.name] === RETRAIN_LABEL.value) return undefined;
  return {
    code: "NOT_FOR_RETRAIN",
    reason: `Only alerts with the label ${RETRAIN_LABEL.name}="${RETRAIN_LABEL.value}" ask for a retrain.`,
  };
}

function alertOf({ fingerprint, labels }: Alert) {
  return { fingerprint, alertName: labels.alertname };
}

function startRun(
  tx: Transaction,
  { runs, pipeline }: GovernorOptions,
  { labels, fingerprint }: Alert,
  { reason }: RetrainAnswer,
): Promise<string | undefined> {
  return runs.create(tx, { pipeline, trigger: "alert", by: `${labels.alertname} (${fingerprint})`, reason });
}

/** Alertmanager repeats itself: the same answer to the same alert is counted, with its latest reason. */
async function store(
  tx: Transaction,
  { fingerprint, startsAt, labels }: Alert,
  { accepted, code, reason, runId }: RetrainAnswer & { runId: string | null },
  now: Date,
): Promise<void> {
  await tx.execute(
    `insert into retrain_decisions
       (decision_id, fingerprint, starts_at, alert_name, accepted, code, reason, run_id, decided_at, last_seen_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
     on conflict (fingerprint, starts_at, code) do update
       set times = retrain_decisions.times + 1, reason = excluded.reason, last_seen_at = excluded.last_seen_at`,
    [uuidv7({ now: () => now }), fingerprint, startsAt, labels.alertname, accepted, code, reason, runId, now],
  );
}

interface DecisionRow {
  decision_id: string;
  fingerprint: string;
  starts_at: Date;
  alert_name: string;
  accepted: boolean;
  code: string;
  reason: string;
  run_id: string | null;
  times: number;
  decided_at: Date;
  last_seen_at: Date;
}

async function listDecisions(database: Database, limit: number): Promise<RetrainDecision[]> {
  const rows = await database.query<DecisionRow>(
    "select * from retrain_decisions order by last_seen_at desc, decision_id desc limit $1",
    [limit],
  );
  return rows.map((row) =>
    retrainDecisionSchema.parse({
      decisionId: row.decision_id,
      fingerprint: row.fingerprint,
      startsAt: row.starts_at.toISOString(),
      alertName: row.alert_name,
      accepted: row.accepted,
      code: row.code,
      reason: row.reason,
      runId: row.run_id,
      times: row.times,
      decidedAt: row.decided_at.toISOString(),
      lastSeenAt: row.last_seen_at.toISOString(),
    }),
  );
}
