import { ERROR_MARGIN, MIN_LIVE_FILMS } from "../prometheus/rules.ts";
import { greenFrom, type RowDefinition } from "./panel.ts";

const byVersion = (metric: string) => `max by (model, version) (${metric})`;

export const QUALITY_ROW: RowDefinition = {
  title: "Quality",
  panels: [
    {
      title: "Live error against tested error",
      description: `Root mean squared error over films that have been rated since they were predicted, beside the champion's error in its test. Above the limit (${ERROR_MARGIN * 100} % more) over at least ${MIN_LIVE_FILMS} films a retrain is asked for.`,
      unit: "none",
      look: "lines",
      width: 10,
      queries: [
        { expr: byVersion("marquee_live_rmse"), legend: "live, {{model}} {{version}}" },
        { expr: byVersion("marquee_tested_rmse"), legend: "tested, {{model}} {{version}}" },
        { expr: `${1 + ERROR_MARGIN} * ${byVersion("marquee_tested_rmse")}`, legend: "limit, {{model}} {{version}}" },
      ],
    },
    {
      title: "Films behind the live error",
      description: `Predicted films with a mature rating, by version. Under ${MIN_LIVE_FILMS} the live error says nothing yet.`,
      unit: "short",
      look: "number",
      width: 4,
      queries: [{ expr: byVersion("marquee_live_films"), legend: "{{model}} {{version}}" }],
      steps: greenFrom(MIN_LIVE_FILMS),
    },
    {
      title: "Drift of predictions",
      description:
        "Population stability index of what was predicted lately against what the model predicted in its test. Customary reading: under 0.1 the same, over 0.25 another population.",
      unit: "none",
      look: "lines",
      width: 6,
      queries: [{ expr: byVersion("marquee_prediction_psi"), legend: "{{model}} {{version}}" }],
      steps: [
        { value: null, color: "green" },
        { value: 0.1, color: "yellow" },
        { value: 0.25, color: "red" },
      ],
    },
    {
      title: "Predictions behind the drift",
      description: "Predictions that the index was made of, by version.",
      unit: "short",
      look: "number",
      width: 4,
      queries: [{ expr: byVersion("marquee_prediction_psi_predictions"), legend: "{{model}} {{version}}" }],
    },
  ],
};
