import type { Queries } from "@marquee/shared/backing/postgres/database";
import { type Entity, viewKey } from "@marquee/shared/features/feature-view";
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

/** Fields of a definition in words, in the order in which they are told. */
const FIELDS: Readonly<Record<string, string>> = {
  description: "what it says",
  entity: "entity",
  eventTime: "event time",
  source: "made from",
  ttlSeconds: "fresh for",
  joinWindowSeconds: "joined with rows of the last",
  owner: "owner",
};

/** The registry keeps no order of fields, and one of another release may have such as this one does not know. */
function fieldLines({ hash, definition }: ViewMeaning, { name, registered }: KnownVersions): string[] {
  const others = Object.keys(definition)
    .filter((field) => !(field in FIELDS) && !["name", "version", "columns"].includes(field))
    .sort();
  const fields = [...Object.keys(FIELDS), ...others].filter((field) => definition[field] !== undefined);
  const versions = registered.map(({ version }) => viewKey({ name, version }));
  return [
    ...fields.map((field) => `  ${FIELDS[field] ?? field}: ${valueText(field, definition[field])}`),
    `  read by: ${readersOf({ name }).join(", ") || "no feature service"}`,
    `  hash: ${hash}`,
    `  versions registered: ${versions.join(", ") || "none"}`,
  ];
}

function valueText(field: string, value: unknown): string {
  if (field === "entity") return entityText(value);
  if (field.endsWith("Seconds") && typeof value === "number") return `${value / 3600} h`;
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}

/** Earlier releases registered its name alone. */
function entityText(entity: unknown): string {
  if (typeof entity !== "object" || entity === null) return String(entity);
  const { name, joinKey, description } = entity as Partial<Entity>;
  return [[name, joinKey].filter(Boolean).join(", by "), description].filter(Boolean).join(". ");
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
      if (value === null) return "unknown";
      return field === "knownWhen" ? String(value).replace("_", " ") : String(value);
    }),
  );
  return textTable(
    COLUMN_FIELDS.map(([head]) => head),
    rows,
  );
}
