import { FAILED_REQUEST_SHARE } from "../prometheus/data-expressions.ts";
import { MAX_ARCHIVE_AGE_SECONDS, MAX_FAILED_SHARE } from "../prometheus/data-rules.ts";
import { ofOneWorker, type RowDefinition, redFrom } from "./panel.ts";

export const SOURCES_ROW: RowDefinition = {
  title: "Sources and archive",
  panels: [
    {
      title: "Requests to the sources",
      description:
        "Per second, by source and how they ended. What failed was tried again; docs/runbooks/source-failing.md says what to do about each kind.",
      unit: "reqps",
      look: "lines",
      width: 10,
      queries: [
        {
          expr: ofOneWorker("rate(marquee_source_requests_total[$__rate_interval])", "source, outcome"),
          legend: "{{source}} {{outcome}}",
        },
      ],
    },
    {
      title: "Share of requests that failed",
      description: `Of the hour before, by source; nothing where none were made. An alert fires over ${MAX_FAILED_SHARE * 100} %.`,
      unit: "percentunit",
      look: "lines",
      width: 7,
      queries: [{ expr: FAILED_REQUEST_SHARE, legend: "{{source}}" }],
      steps: redFrom(MAX_FAILED_SHARE),
    },
    {
      title: "Age of the archive",
      description: `Time since the day (UTC) began on which each source's newest fetch came that is in the catalog. Sources publish daily: an alert fires after ${MAX_ARCHIVE_AGE_SECONDS / 86_400} days.`,
      unit: "s",
      look: "lines",
      width: 7,
      queries: [{ expr: ofOneWorker("marquee_archive_age_seconds", "source"), legend: "{{source}}" }],
      steps: redFrom(MAX_ARCHIVE_AGE_SECONDS),
    },
  ],
};
