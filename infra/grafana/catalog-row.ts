import { QUARANTINE_GROWTH } from "../prometheus/data-expressions.ts";
import { MAX_QUARANTINED_A_DAY } from "../prometheus/data-rules.ts";
import { ofOneWorker, orZero, type RowDefinition, redFrom } from "./panel.ts";

const rowsOf = (tables: string) => ofOneWorker(`marquee_catalog_rows{table=~"${tables}"}`, "table");

export const CATALOG_ROW: RowDefinition = {
  title: "Catalog",
  panels: [
    {
      title: "Films and people",
      description:
        "Rows after each load, by table. A fall is a load that lost something; one by a fifth is stopped by the quality gate.",
      unit: "short",
      look: "lines",
      width: 8,
      queries: [{ expr: rowsOf("movies|people|companies|collections|imdb_titles|imdb_people"), legend: "{{table}}" }],
    },
    {
      title: "Ratings",
      description: "Observations after each load, by source. They are only ever added to.",
      unit: "short",
      look: "lines",
      width: 8,
      queries: [{ expr: rowsOf(".+_ratings"), legend: "{{table}}" }],
    },
    {
      title: "Credits and other parts of films",
      description: "Rows after each load, by table.",
      unit: "short",
      look: "lines",
      width: 8,
      queries: [
        {
          expr: rowsOf("credits|movie_genres|movie_companies|imdb_crew|imdb_principals|imdb_akas"),
          legend: "{{table}}",
        },
      ],
    },
    {
      title: "Quarantine",
      description:
        "Rows that could not be taken into the catalog, by source and reason. They are taken in by a replay once the cause is mended: docs/runbooks/quarantine-grows.md.",
      unit: "short",
      look: "lines",
      width: 10,
      queries: [
        {
          expr: orZero(ofOneWorker("marquee_quarantine_rows", "source, reason"), "source"),
          legend: "{{source}} {{reason}}",
        },
      ],
    },
    {
      title: "New in quarantine",
      description: `Rows more than a day before, by source. An alert fires over ${MAX_QUARANTINED_A_DAY}.`,
      unit: "short",
      look: "number",
      width: 6,
      queries: [{ expr: orZero(QUARANTINE_GROWTH, "source"), legend: "{{source}}" }],
      steps: redFrom(MAX_QUARANTINED_A_DAY),
    },
    {
      title: "Fields that moved",
      description:
        "Fields of a source that came (new), went (missing) or were null for the first time (null). Nothing stops for them: docs/runbooks/schema-drift.md.",
      unit: "short",
      look: "lines",
      width: 8,
      queries: [
        { expr: orZero(ofOneWorker("marquee_schema_drift", "source, kind"), "source"), legend: "{{source}} {{kind}}" },
      ],
    },
  ],
};
