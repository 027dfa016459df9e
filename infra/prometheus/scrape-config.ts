import { scaledDuration, type TimeScale } from "../monitoring/time-scale.ts";
import { JOBS, type Targets } from "./jobs.ts";

/**
 * How often processes are asked and rules evaluated, in seconds. An answer may take Prometheus's own 10 s, or as long
 * as the interval where that is shorter.
 */
const INTERVAL_SECONDS = 15;

export interface ScrapeOptions {
  targets: Targets;
  scale: TimeScale;
  /** As Prometheus finds it: absolute, or relative to prometheus.yml. */
  rulesFile: string;
  /** `host:port` */
  alertmanager: string;
  /** File with the bearer token that processes ask for at `/metrics`; without it none is sent. */
  credentialsFile?: string;
}

/** The content of prometheus.yml. */
export function scrapeConfig({ targets, scale, rulesFile, alertmanager, credentialsFile }: ScrapeOptions): object {
  const interval = scaledDuration(INTERVAL_SECONDS, scale);
  const authorization = credentialsFile && { authorization: { type: "Bearer", credentials_file: credentialsFile } };
  return {
    global: { scrape_interval: interval, evaluation_interval: interval },
    rule_files: [rulesFile],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
    scrape_configs: JOBS.map((job) => ({
      job_name: job,
      ...authorization,
      static_configs: [{ targets: [...targets[job]] }],
    })),
  };
}
