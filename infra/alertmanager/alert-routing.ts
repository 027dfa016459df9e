import { scaledDuration, type TimeScale } from "../monitoring/time-scale.ts";

/** Where people are told; without it alerts stand in Alertmanager's own page and in Grafana alone. */
export interface SlackChannel {
  /** File with the address of Slack's incoming webhook, which is a secret. */
  urlFile: string;
  /** `#name` */
  channel: string;
}

export interface RoutingOptions {
  scale: TimeScale;
  /** `POST /webhooks/alertmanager` of the scheduler. */
  webhookUrl: string;
  /** File with the bearer token that the scheduler asks for. */
  webhookCredentialsFile: string;
  slack?: SlackChannel;
}

/** Seconds before a group's first message, before one about a change in it, and before the same is said again. */
interface Pace {
  wait: number;
  interval: number;
  repeat: number;
}

/** People: collected, and not too often. */
const TEAM_PACE: Pace = { wait: 30, interval: 300, repeat: 4 * 3600 };
/**
 * The scheduler: soon, and every hour while it fires, since what the governor refused for now (a cool-down, too few new
 * ratings) it may accept later. It acts on one firing of an alert at most once.
 */
const RETRAIN_PACE: Pace = { wait: 10, interval: 60, repeat: 3600 };

/** The content of alertmanager.yml: what asks for a retrain goes to the scheduler, and everything to the team. */
export function alertRouting({ scale, webhookUrl, webhookCredentialsFile, slack }: RoutingOptions): object {
  const pace = ({ wait, interval, repeat }: Pace) => ({
    group_wait: scaledDuration(wait, scale),
    group_interval: scaledDuration(interval, scale),
    repeat_interval: scaledDuration(repeat, scale),
  });
  return {
    route: {
      receiver: "team",
      group_by: ["alertname"],
      ...pace(TEAM_PACE),
      routes: [
        {
          receiver: "retrain",
          matchers: ['action="retrain"'],
          // A version's alerts are a group of their own: another's cannot hold them back.
          group_by: ["alertname", "model", "version"],
          ...pace(RETRAIN_PACE),
          continue: true,
        },
        { receiver: "team" },
      ],
    },
    receivers: [
      { name: "team", ...(slack ? { slack_configs: [slackMessage(slack)] } : {}) },
      {
        name: "retrain",
        webhook_configs: [
          {
            url: webhookUrl,
            send_resolved: true,
            http_config: { authorization: { type: "Bearer", credentials_file: webhookCredentialsFile } },
          },
        ],
      },
    ],
  };
}

function slackMessage({ urlFile, channel }: SlackChannel): object {
  return {
    api_url_file: urlFile,
    channel,
    send_resolved: true,
    title: "{{ .Status | toUpper }}: {{ .CommonLabels.alertname }}",
    text: "{{ range .Alerts }}{{ .Annotations.summary }}. {{ .Annotations.description }} Runbook: {{ .Annotations.runbook }}\n{{ end }}",
  };
}
