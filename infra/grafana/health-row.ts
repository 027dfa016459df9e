import { greenFrom, orZero, type RowDefinition, redFrom } from "./panel.ts";

export const HEALTH_ROW: RowDefinition = {
  title: "Now",
  panels: [
    {
      title: "Alerts that fire",
      description: "By name; docs/runbooks says what to do about each.",
      unit: "none",
      look: "number",
      width: 10,
      queries: [
        { expr: orZero('count by (alertname) (ALERTS{alertstate="firing"})', "alertname"), legend: "{{alertname}}" },
      ],
      steps: redFrom(1),
    },
    {
      title: "Processes that answer",
      description: "By job. Of serving one colour is off on purpose outside deployments.",
      unit: "none",
      look: "number",
      width: 10,
      queries: [{ expr: "sum by (job) (up)", legend: "{{job}}" }],
      steps: greenFrom(1),
    },
    {
      title: "Age of the quality figures",
      description:
        "Time since live error and drift were last computed; it is done every minute. Old figures raise no alert.",
      unit: "s",
      look: "number",
      width: 4,
      queries: [{ expr: "time() - max(marquee_quality_computed_timestamp_seconds)", legend: "age" }],
      steps: redFrom(600),
    },
  ],
};
