import { orZero, type RowDefinition, redFrom, withinHour } from "./panel.ts";

export const BUS_ROW: RowDefinition = {
  title: "Event bus",
  panels: [
    {
      title: "Published",
      description: "Messages per second that reached the bus, by topic.",
      unit: "ops",
      look: "lines",
      width: 8,
      queries: [
        { expr: "sum by (topic) (rate(marquee_messages_published_total[$__rate_interval]))", legend: "{{topic}}" },
      ],
    },
    {
      title: "Consumed",
      description: "Messages per second by topic and outcome: stored, or dead (they wait in the dead-letter topic).",
      unit: "ops",
      look: "lines",
      width: 8,
      queries: [
        {
          expr: "sum by (topic, outcome) (rate(marquee_messages_consumed_total[$__rate_interval]))",
          legend: "{{topic}} {{outcome}}",
        },
      ],
    },
    {
      title: "Waiting for their consumer",
      description: "Messages in the bus that the consumers of the topic have not taken yet.",
      unit: "short",
      look: "lines",
      width: 8,
      queries: [{ expr: "max by (topic) (marquee_consumer_lag_messages)", legend: "{{topic}}" }],
    },
    {
      title: "Dropped",
      description:
        "Messages lost within the hour before: the spool was full while the bus was away, or they were too large. Must stay at 0.",
      unit: "short",
      look: "bars",
      width: 12,
      queries: [{ expr: orZero(withinHour("marquee_messages_dropped_total", "topic"), "topic"), legend: "{{topic}}" }],
    },
    {
      title: "Spooled",
      description:
        "Bytes that wait on a machine's disk while the bus is away, by process. It empties by itself once the bus is back.",
      unit: "bytes",
      look: "lines",
      width: 12,
      queries: [{ expr: "max by (job, instance) (marquee_spool_bytes)", legend: "{{job}} {{instance}}" }],
      steps: redFrom(256 * 1024 * 1024),
    },
  ],
};
