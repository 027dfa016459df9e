import { alertRouting, type RoutingOptions } from "../alertmanager/alert-routing.ts";
import { buildDashboard } from "../grafana/dashboard.ts";
import { DASHBOARDS } from "../grafana/dashboards.ts";
import { dashboardProvisioning, datasourceProvisioning } from "../grafana/datasource.ts";
import { savedObjects } from "../kibana/dashboard.ts";
import { PRODUCTION_TARGETS } from "../prometheus/jobs.ts";
import { ruleFile } from "../prometheus/rules.ts";
import { type ScrapeOptions, scrapeConfig } from "../prometheus/scrape-config.ts";
import { generatedYaml } from "./generated-yaml.ts";

export interface MonitoringOptions extends ScrapeOptions, RoutingOptions {
  /** Prometheus, as Grafana reaches it. */
  prometheusUrl: string;
}

/** The committed files: names and folders are those of docker-compose.nervous.yml. */
export const AS_SHIPPED: MonitoringOptions = {
  targets: PRODUCTION_TARGETS,
  scale: 1,
  rulesFile: "rules.yml",
  alertmanager: "alertmanager:9093",
  webhookUrl: "http://controltower:8080/webhooks/alertmanager",
  webhookCredentialsFile: "/run/secrets/alertmanager_webhook_token",
  prometheusUrl: "http://prometheus:9090",
};

/** Where Grafana finds its dashboards: the folder `provisioning` is mounted at /etc/grafana. */
const DASHBOARDS_FOLDER = "/etc/grafana/provisioning/dashboards";

/** Every file that Prometheus, Alertmanager, Grafana and Kibana read: path from the repository's root → content. */
export function monitoringFiles(options: MonitoringOptions): Record<string, string> {
  return {
    "infra/prometheus/prometheus.yml": generatedYaml("infra/prometheus/scrape-config.ts", scrapeConfig(options)),
    "infra/prometheus/rules.yml": generatedYaml("infra/prometheus/rules.ts", ruleFile(options.scale)),
    "infra/alertmanager/alertmanager.yml": generatedYaml("infra/alertmanager/alert-routing.ts", alertRouting(options)),
    "infra/grafana/provisioning/datasources/prometheus.yml": generatedYaml(
      "infra/grafana/datasource.ts",
      datasourceProvisioning(options.prometheusUrl),
    ),
    "infra/grafana/provisioning/dashboards/marquee.yml": generatedYaml(
      "infra/grafana/datasource.ts",
      dashboardProvisioning(DASHBOARDS_FOLDER),
    ),
    ...Object.fromEntries(
      DASHBOARDS.map((dashboard) => [
        `infra/grafana/provisioning/dashboards/${dashboard.uid}.json`,
        `${JSON.stringify(buildDashboard(dashboard), null, 2)}\n`,
      ]),
    ),
    "infra/kibana/dashboards.ndjson": savedObjects()
      .map((object) => `${JSON.stringify(object)}\n`)
      .join(""),
  };
}
