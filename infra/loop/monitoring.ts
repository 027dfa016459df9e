import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { OwnServers } from "@marquee/shared/testing/real-servers";
import axios from "axios";
import { stringify } from "yaml";
import { alertRouting } from "../alertmanager/alert-routing.ts";
import type { Targets } from "../prometheus/jobs.ts";
import { ruleFile } from "../prometheus/rules.ts";
import { scrapeConfig } from "../prometheus/scrape-config.ts";

export interface MonitoringOptions {
  servers: OwnServers;
  /** An empty folder of its own. */
  folder: string;
  targets: Targets;
  schedulerPort: number;
  webhookToken: string;
  /** Scrape intervals and waiting times are multiplied by it; expressions stay as shipped. */
  scale: number;
}

/** Prometheus and Alertmanager with the product's own files, and what they say. */
export interface Monitoring {
  readonly prometheusUrl: string;
  readonly alertmanagerUrl: string;
  /** State of an alert at Prometheus: undefined while its expression does not hold. */
  alertState(name: string): Promise<"pending" | "firing" | undefined>;
  /** Whether Alertmanager holds the alert as active. */
  isActive(name: string): Promise<boolean>;
  /** Hands Alertmanager an alert as Prometheus would. */
  raise(alert: { labels: Record<string, string>; startsAt: Date }): Promise<void>;
}

export async function startMonitoring(options: MonitoringOptions): Promise<Monitoring> {
  const { servers, folder, targets, schedulerPort, webhookToken, scale } = options;
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const file = (name: string, content: string) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const routing = alertRouting({
    scale,
    webhookUrl: `http://127.0.0.1:${schedulerPort}/webhooks/alertmanager`,
    webhookCredentialsFile: file("webhook-token", webhookToken),
  });
  const alertmanager = await servers.start(["alertmanager"], {
    ALERTMANAGER_CONFIG: file("alertmanager.yml", stringify(routing)),
  });
  const alertmanagerUrl = alertmanager.ALERTMANAGER_URL ?? "";
  const scraping = scrapeConfig({
    targets,
    scale,
    rulesFile: file("rules.yml", stringify(ruleFile(scale))),
    alertmanager: new URL(alertmanagerUrl).host,
  });
  const prometheus = await servers.start(["prometheus"], {
    PROMETHEUS_CONFIG: file("prometheus.yml", stringify(scraping)),
  });
  const prometheusUrl = prometheus.PROMETHEUS_URL ?? "";
  return {
    prometheusUrl,
    alertmanagerUrl,
    alertState: async (name) => {
      const { data } = await axios.get<PrometheusAlerts>(`${prometheusUrl}/api/v1/alerts`, { proxy: false });
      return data.data.alerts.find(({ labels }) => labels.alertname === name)?.state;
    },
    isActive: async (name) => {
      const { data } = await axios.get<{ labels: Record<string, string> }[]>(`${alertmanagerUrl}/api/v2/alerts`, {
        params: { active: true },
        proxy: false,
      });
      return data.some(({ labels }) => labels.alertname === name);
    },
    raise: async (alert) => {
      await axios.post(`${alertmanagerUrl}/api/v2/alerts`, [alert], { proxy: false });
    },
  };
}

interface PrometheusAlerts {
  data: { alerts: { labels: Record<string, string>; state: "pending" | "firing" }[] };
}
