import { ofOneWorker, type RowDefinition, redFrom } from "./panel.ts";

/** So many of the worst figures are shown. */
const WORST = 10;

const figures = (metric: string, offset = "") =>
  ofOneWorker(`marquee_quality_check{metric=~"${metric}"}${offset}`, "layer, subject, metric");

const worst = (expr: string) => `topk(${WORST}, ${expr})`;

const WATCHED = "(null|unmatched)_share.*";

export const GATE_ROW: RowDefinition = {
  title: "Quality gate",
  panels: [
    {
      title: "Verdict",
      description:
        "What the latest load of each layer was worth: bronze what was collected, silver the catalog, gold features. At stop, features, model and online store of before stay in use: docs/runbooks/quality-stopped.md.",
      unit: "none",
      look: "number",
      width: 5,
      queries: [{ expr: ofOneWorker("marquee_quality_verdict", "layer"), legend: "{{layer}}" }],
      words: { 0: "pass", 1: "warn", 2: "stop" },
      steps: [
        { value: null, color: "green" },
        { value: 1, color: "yellow" },
        { value: 2, color: "red" },
      ],
    },
    {
      title: "Files that the gate refused",
      description:
        "They wait for a person's word, or for the source's next file. The rows of the file before are in use.",
      unit: "none",
      look: "number",
      width: 3,
      queries: [{ expr: ofOneWorker('marquee_quality_check{metric="refused"}', "subject"), legend: "{{subject}}" }],
      steps: redFrom(1),
    },
    {
      title: "Shares that should be none",
      description: `The ${WORST} largest of the latest loads: out of range, without their partner, double, quarantined, or failed requests. Most stop a load over 1 %.`,
      unit: "percentunit",
      look: "lines",
      width: 8,
      queries: [
        {
          expr: worst(figures("(out_of_range|orphan|duplicate|quarantined|fault)_share.*")),
          legend: "{{layer}} {{subject}} {{metric}}",
        },
      ],
    },
    {
      title: "Empty values that moved most",
      description: `Shares without a value or a partner, against a day before: the ${WORST} that moved most. 5 points in one load warn, 20 stop it.`,
      unit: "percentunit",
      look: "lines",
      width: 8,
      queries: [
        {
          // What was not there a day before has not moved.
          expr: worst(`abs(${figures(WATCHED)} - (${figures(WATCHED, " offset 1d")} or ${figures(WATCHED)}))`),
          legend: "{{layer}} {{subject}} {{metric}}",
        },
      ],
      steps: redFrom(0.2),
    },
  ],
};
