import type { Queries } from "@marquee/shared/backing/postgres/database";
import { viewKey } from "@marquee/shared/features/feature-view";
import type { ViewMeaning } from "@marquee/workhorse/feature-store/view-difference";
import type { RegisteredView } from "@marquee/workhorse/feature-store/view-registry";
import type { JobOutcome } from "../run-job.ts";
import { type Cell, textTable } from "../text-table.ts";
import { type KnownVersions, readKnownVersions, versionOf } from "./known-versions.ts";
import { readersOf } from "./readers.ts";
import type { ViewReference } from "./view-reference.ts";

/** Columns of the table, and the field of a column's definition that each shows. Earlier releases lack some. */
const COLUMN_FIELDS = [
  ["column", "name"],
  ["type", "type"],
  ["unit", "unit"],
  ["default", "default"],
  ["known when", "knownWhen"],
  ["group", "group"],
  ["description", "description"],
] as const;

/**
 * One version of a view; this release's unless the reference names one.
 * @throws FEATURE_UNKNOWN
 */
export async function describeView(database: Queries, { name, version }: ViewReference): Promise<JobOutcome> {
  const known = await readKnownVersions(database, name);
  const newest = known.registered.at(-1)?.version;
  const meaning = (version === undefined ? known.current : undefined) ?? versionOf(known, version ?? newest ?? 1);
  const registered = known.registered.find((one) => one.version === meaning.version);
  return {
    rowsIn: 0,
    rowsOut: meaning.definition.columns.length,
    detail: {
      name,
      version: meaning.version,
      hash: meaning.hash,
      definition: meaning.definition,
      readBy: readersOf({ name }),
      versions: known.registered.map(({ definition: _, ...one }) => one),
    },
    text: [
      viewKey({ name, version: meaning.version }),
      ...fieldLines(meaning, known),
      `  registered: ${registered ? registrationOf(registered) : "not yet; the next build of features does it"}`,
      "",
      columnTable(meaning),
    ].join("\n"),
  };
}

function fieldLines({ hash, definition }: ViewMeaning, { name, registered }: KnownVersions): string[] {
  const fields = Object.entries(definition).filter(([field]) => !["name", "version", "columns"].includes(field));
  return [
    ...fields.map(([field, value]) => `  ${field}: ${valueText(value)}`),
    `  read by: ${readersOf({ name }).join(", ") || "no feature service"}`,
    `  hash: ${hash}`,
    `  versions: ${registered.map(({ version }) => version).join(", ") || "none registered"}`,
  ];
}

function valueText(value: unknown): string {
  return typeof value === "object" && value !== null ? Object.values(value).join(", ") : String(value);
}

function registrationOf({ registeredAt, registeredBy, release }: RegisteredView): string {
  const when = registeredAt.toISOString().slice(0, 16).replace("T", " ");
  return `${when} UTC by ${registeredBy}${release === null ? "" : `, release ${release}`}`;
}

function columnTable({ definition }: ViewMeaning): string {
  const rows = definition.columns.map((column) =>
    COLUMN_FIELDS.map(([, field]): Cell => {
      const value = column[field];
      if (value === undefined) return null;
      return value === null ? "unknown" : String(value);
    }),
  );
  return textTable(
    COLUMN_FIELDS.map(([head]) => head),
    rows,
  );
}
