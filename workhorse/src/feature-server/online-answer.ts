import type { OnlineRead } from "@marquee/shared/backing/online-store/online-store";
import { decodeFeatureRow, type FeatureRow } from "@marquee/shared/features/feature-row";
import type { FeaturePlan, PlannedView } from "./feature-plan.ts";
import { jsonValue } from "./json-value.ts";

/** Feast's words for what an answer is worth. `OUTSIDE_MAX_AGE`: older than the view's time to live, with its value all the same. */
export type FieldStatus = "PRESENT" | "NULL_VALUE" | "NOT_FOUND" | "OUTSIDE_MAX_AGE";

/** What a look-up has found of a view, entity by entity. */
export interface ViewOutcome {
  view: PlannedView;
  present: number;
  stale: number;
  missing: number;
  /** Present, with at least one of the columns asked for unknown. */
  null: number;
}

export interface OnlineAnswer {
  /** JSON, in the form of Feast's GetOnlineFeaturesResponse. */
  json: string;
  outcomes: ViewOutcome[];
}

export interface AnswerOptions {
  plan: FeaturePlan;
  /** By join key: one id per entity. */
  ids: readonly (readonly number[])[];
  /** Of each view of the plan one per entity, in the order of the entities. */
  reads: readonly (readonly OnlineRead[])[];
  versionMetadata: boolean;
}

/** Feast's timestamp of what has none. */
const NO_TIME = '"1970-01-01T00:00:00Z"';

/**
 * Writes the answer as text at once: 50 films by 20 columns are a thousand numbers and as many statuses, which as objects
 * cost JSON.stringify three times as much as the text does.
 * @throws FEATURE_ROW_INVALID where the store holds something else than the view's rows
 */
export function writeOnlineAnswer({ plan, ids, reads, versionMetadata }: AnswerOptions): OnlineAnswer {
  const entities = ids[0]?.length ?? 0;
  const results = ids.map((values) =>
    result(`[${values.join()}]`, repeated('"PRESENT"', entities), repeated(NO_TIME, entities)),
  );
  const told: string[] = [];
  const outcomes = plan.views.map((view, i) => {
    const written = writeView(view, reads[i] ?? []);
    results.push(...written.results);
    told.push(written.told);
    return written.outcome;
  });
  const versions = plan.views.map(
    ({ schema: { name, version } }) => `{"name":${JSON.stringify(name)},"version":${version}}`,
  );
  const feast = versionMetadata ? `,"feature_view_metadata":[${versions.join()}]` : "";
  const metadata = `{"feature_names":${JSON.stringify(plan.names)}${feast},"views":[${told.join()}]}`;
  return { json: `{"metadata":${metadata},"results":[${results.join()}]}`, outcomes };
}

interface WrittenView {
  results: string[];
  /** Of the answer's metadata: which version, and of each entity status and age. */
  told: string;
  outcome: ViewOutcome;
}

function writeView(view: PlannedView, reads: readonly OnlineRead[]): WrittenView {
  const { schema, columns } = view;
  const rows = reads.map((read) => (read.status === "missing" ? undefined : decodeFeatureRow(schema, read.value)));
  const rowStatuses = reads.map(
    ({ status }): FieldStatus =>
      status === "present" ? "PRESENT" : status === "stale" ? "OUTSIDE_MAX_AGE" : "NOT_FOUND",
  );
  const statusText = quoted(rowStatuses);
  const times = timesOf(rows);
  const withNull = new Set<number>();
  const results = columns.map(({ index, isBool }) => {
    const texts: string[] = [];
    let statuses: FieldStatus[] | undefined;
    for (const [i, row] of rows.entries()) {
      const text = jsonValue(row?.values[index] ?? Number.NaN, isBool);
      texts.push(text);
      if (text !== "null" || rowStatuses[i] !== "PRESENT") continue;
      statuses ??= [...rowStatuses];
      statuses[i] = "NULL_VALUE";
      withNull.add(i);
    }
    return result(`[${texts.join()}]`, statuses ? quoted(statuses) : statusText, times);
  });
  const ages = reads.map((read) => (read.status === "missing" ? "null" : Math.round(read.ageSeconds * 1000) / 1000));
  const told = `{"name":${JSON.stringify(schema.name)},"version":${schema.version},"ages_seconds":[${ages.join()}],"statuses":${statusText}}`;
  return { results, told, outcome: outcomeOf(view, rowStatuses, withNull.size) };
}

function outcomeOf(view: PlannedView, statuses: readonly FieldStatus[], withNull: number): ViewOutcome {
  const count = (wanted: FieldStatus) => statuses.filter((status) => status === wanted).length;
  return {
    view,
    present: count("PRESENT") - withNull,
    stale: count("OUTSIDE_MAX_AGE"),
    missing: count("NOT_FOUND"),
    null: withNull,
  };
}

function result(values: string, statuses: string, times: string): string {
  return `{"values":${values},"statuses":${statuses},"event_timestamps":${times}}`;
}

/** JSON of the rows' event times; many rows have the same one. */
function timesOf(rows: readonly (FeatureRow | undefined)[]): string {
  let last = Number.NaN;
  let text = "";
  const times = rows.map((row) => {
    if (!row) return NO_TIME;
    if (row.eventTime !== last) {
      last = row.eventTime;
      // Feast leaves a fraction out where there is none.
      text = `"${new Date(last).toISOString().replace(".000Z", "Z")}"`;
    }
    return text;
  });
  return `[${times.join()}]`;
}

function quoted(statuses: readonly FieldStatus[]): string {
  return `["${statuses.join('","')}"]`;
}

function repeated(text: string, times: number): string {
  return `[${Array.from({ length: times }, () => text).join()}]`;
}
