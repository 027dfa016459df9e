import { sinceSuccess } from "../prometheus/data-expressions.ts";
import { MAX_BACKUP_AGE_SECONDS } from "../prometheus/data-rules.ts";
import { meanSeconds, type RowDefinition, redFrom } from "./panel.ts";

const NOT_YET = "the first night's runs";

export const UPKEEP_ROW: RowDefinition = {
  title: "Backups and retention",
  panels: [
    {
      title: "Since the last backup",
      description: `What came since would be lost with the database. An alert fires after ${MAX_BACKUP_AGE_SECONDS / 3_600} h; docs/runbooks/backup-missing.md.`,
      unit: "s",
      look: "number",
      width: 8,
      queries: [{ expr: sinceSuccess("backup"), legend: "backup" }],
      steps: redFrom(MAX_BACKUP_AGE_SECONDS),
      emptyBefore: NOT_YET,
    },
    {
      title: "Since retention last ran",
      description: "What has been kept for long enough is removed daily, and stays until then.",
      unit: "s",
      look: "number",
      width: 8,
      queries: [{ expr: sinceSuccess("retention"), legend: "retention" }],
      steps: redFrom(2 * 86_400),
      emptyBefore: NOT_YET,
    },
    {
      title: "Duration of backup and retention",
      description: "Mean since the scheduler was started. A backup that takes longer and longer has more to hold.",
      unit: "s",
      look: "number",
      width: 8,
      queries: [
        {
          expr: meanSeconds("marquee_pipeline_run_duration_seconds", "pipeline", '{pipeline=~"backup|retention"}'),
          legend: "{{pipeline}}",
        },
      ],
      emptyBefore: NOT_YET,
    },
  ],
};
