import { greenFrom, orZero, type RowDefinition, redFrom, withinHour } from "./panel.ts";

/** What machines ask for is no traffic. */
const TRAFFIC = 'job="serving", route!~"/health|/ready|/metrics"';
const REQUESTS = `marquee_http_request_duration_seconds_count{${TRAFFIC}}`;
const FAILED = `marquee_http_request_duration_seconds_count{${TRAFFIC}, status=~"5.."}`;

const latency = (quantile: number) => ({
  expr: `histogram_quantile(${quantile}, sum by (le) (rate(marquee_http_request_duration_seconds_bucket{job="serving", route="/predict"}[$__rate_interval])))`,
  legend: `p${quantile * 100}`,
});

export const SERVING_ROW: RowDefinition = {
  title: "Serving",
  panels: [
    {
      title: "Requests",
      description: "Answers per second by status, all processes of serving together; health checks are left out.",
      unit: "reqps",
      look: "lines",
      width: 8,
      queries: [{ expr: `sum by (status) (rate(${REQUESTS}[$__rate_interval]))`, legend: "{{status}}" }],
    },
    {
      title: "Time to answer a prediction",
      description: "POST /predict, from arrival to the end of the answer. The service level is a p99 under 100 ms.",
      unit: "s",
      look: "lines",
      width: 8,
      queries: [latency(0.5), latency(0.95), latency(0.99)],
      steps: redFrom(0.1),
    },
    {
      title: "Requests that failed",
      description: "Share of answers with a status of 5xx. The service level is 99.5 % answered.",
      unit: "percentunit",
      look: "lines",
      width: 8,
      queries: [
        {
          expr: `(sum(rate(${FAILED}[$__rate_interval])) or vector(0)) / sum(rate(${REQUESTS}[$__rate_interval]))`,
          legend: "failed",
        },
      ],
      steps: redFrom(0.005),
    },
    {
      title: "Predictions",
      description: "Predictions per second by how the film was named and by outcome: answered, or the problem's code.",
      unit: "ops",
      look: "lines",
      width: 12,
      queries: [
        {
          expr: "sum by (form, outcome) (rate(marquee_predictions_total[$__rate_interval]))",
          legend: "{{form}} {{outcome}}",
        },
      ],
    },
    {
      title: "Models that were refused",
      description:
        "Times within the hour before that serving could not load the champion or that its checks failed, by the error's code. Serving keeps the model that it has.",
      unit: "short",
      look: "bars",
      width: 6,
      queries: [{ expr: orZero(withinHour("marquee_model_refusals_total", "code"), "code"), legend: "{{code}}" }],
    },
    {
      title: "Model in use",
      description:
        "Version of the model that answers, by process. The processes differ for seconds only, while they follow the alias.",
      unit: "none",
      look: "number",
      width: 3,
      queries: [{ expr: "max by (alias, instance) (marquee_model_version)", legend: "{{instance}}" }],
    },
    {
      title: "Serving processes",
      description: "Processes of serving that answer; one colour is off on purpose outside deployments.",
      unit: "none",
      look: "number",
      width: 3,
      queries: [{ expr: 'sum(up{job="serving"})', legend: "up" }],
      steps: greenFrom(1),
    },
  ],
};
