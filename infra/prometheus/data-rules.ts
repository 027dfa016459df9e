import type { AlertRule } from "./alert-rule.ts";
import { FAILED_REQUEST_SHARE, QUARANTINE_GROWTH, sinceSuccess } from "./data-expressions.ts";

const DAY_SECONDS = 86_400;

/** Of the requests of an hour so many may fail: all are tried again, so fewer delay a collection and lose nothing. */
export const MAX_FAILED_SHARE = 0.5;
/** Sources publish daily. The age counts from the beginning of a fetch's day, so that this is two days at least. */
export const MAX_ARCHIVE_AGE_SECONDS = 3 * DAY_SECONDS;
/** Backups are nightly; two hours for the backup itself. */
export const MAX_BACKUP_AGE_SECONDS = 26 * 3_600;
/** A day in which nothing is wrong brings none or a few; a change of a source's form brings thousands. */
export const MAX_QUARANTINED_A_DAY = 100;

const QUALITY_STOPPED: AlertRule = {
  alert: "QualityStopped",
  // A refused file is told by the load that refused it as a stop, and by those after it as a count of what still waits.
  expr: 'max by (layer) (marquee_quality_verdict) >= 2 or max by (layer) (marquee_quality_check{metric="refused"}) > 0',
  forSeconds: 60,
  labels: { severity: "warning" },
  annotations: {
    summary: "The quality gate holds data of the layer {{ $labels.layer }} back",
    description:
      "What was in use before stays in use, and predictions are answered from it. A person has to mend the source or accept the load.",
    runbook: "docs/runbooks/quality-stopped.md",
  },
};

const ARCHIVE_OLD: AlertRule = {
  alert: "ArchiveOld",
  expr: `max by (source) (marquee_archive_age_seconds) > ${MAX_ARCHIVE_AGE_SECONDS}`,
  forSeconds: 900,
  labels: { severity: "warning" },
  annotations: {
    summary: "Nothing of {{ $labels.source }} has come into the catalog for two days",
    description:
      "The day of its newest fetch in use began {{ $value | humanizeDuration }} ago. Predictions are answered from what is there.",
    runbook: "docs/runbooks/source-failing.md",
  },
};

const SOURCE_FAILING: AlertRule = {
  alert: "SourceFailing",
  expr: `${FAILED_REQUEST_SHARE} > ${MAX_FAILED_SHARE}`,
  forSeconds: 900,
  labels: { severity: "warning" },
  annotations: {
    summary: "Most requests to {{ $labels.source }} fail",
    description:
      "{{ $value | humanizePercentage }} of the requests of the last hour were not answered. Collection goes on at its cursor once the source answers.",
    runbook: "docs/runbooks/source-failing.md",
  },
};

const BACKUP_OLD: AlertRule = {
  alert: "BackupOld",
  expr: [
    `${sinceSuccess("backup")} > ${MAX_BACKUP_AGE_SECONDS}`,
    // One that has never succeeded has no time to compare: it counts from the scheduler's start.
    `or (time() - max(process_start_time_seconds{job="scheduler"}) > ${MAX_BACKUP_AGE_SECONDS}`,
    'unless on () marquee_pipeline_last_success_timestamp_seconds{pipeline="backup"})',
  ].join(" "),
  forSeconds: 900,
  labels: { severity: "critical" },
  annotations: {
    summary: "There is no backup of the last 26 hours",
    description:
      "The last one, or the scheduler's start where there was none, is {{ $value | humanizeDuration }} ago. Until there is another, what came since would be lost with the database.",
    runbook: "docs/runbooks/backup-missing.md",
  },
};

const QUARANTINE_GROWS: AlertRule = {
  alert: "QuarantineGrows",
  expr: `${QUARANTINE_GROWTH} > ${MAX_QUARANTINED_A_DAY}`,
  forSeconds: 300,
  labels: { severity: "warning" },
  annotations: {
    summary: "Much of {{ $labels.source }} cannot be taken into the catalog",
    description: `{{ $value | humanize }} rows came into quarantine within a day; up to ${MAX_QUARANTINED_A_DAY} are usual. They are kept in the archive and can be taken in after a fix.`,
    runbook: "docs/runbooks/quarantine-grows.md",
  },
};

/** What may be wrong with the data and its backups, in the order of the file. */
export const DATA_RULES: readonly AlertRule[] = [
  QUALITY_STOPPED,
  ARCHIVE_OLD,
  SOURCE_FAILING,
  BACKUP_OLD,
  QUARANTINE_GROWS,
];
