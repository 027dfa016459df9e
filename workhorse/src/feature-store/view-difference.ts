import { canonicalJson } from "@marquee/shared/service/ids";
import { z } from "zod";

/** A view's definition as the registry keeps it. Those that earlier releases registered lack some fields. */
export const registeredDefinitionSchema = z.looseObject({
  columns: z.array(
    z.looseObject({
      name: z.string(),
      /** Stands for what the function answers to probes. */
      answers: z.string().optional(),
    }),
  ),
});
export type RegisteredDefinition = z.infer<typeof registeredDefinitionSchema>;

/** A version of a view as far as its meaning goes. */
export interface ViewMeaning {
  version: number;
  /** Of the definition and of what the function answers to probes. */
  hash: string;
  definition: RegisteredDefinition;
}

/** What sets two versions of a view apart; values as they are written in the definition. */
export type ViewDifference =
  | { kind: "field changed"; field: string; before: unknown; after: unknown }
  | { kind: "column added" | "column removed"; column: string }
  | { kind: "column changed"; column: string; field: string; before: unknown; after: unknown }
  | { kind: "columns reordered" }
  /** Without a column where nobody has kept which one it is. */
  | { kind: "answers changed"; column?: string };

/** Names and what is compared on its own. */
const VIEW_APART: ReadonlySet<string> = new Set(["name", "version", "columns"]);
const COLUMN_APART: ReadonlySet<string> = new Set(["answers"]);

/** What was changed from `before` to `after`: fields of the view first, then columns in their order. */
export function diffViews(before: ViewMeaning, after: ViewMeaning): ViewDifference[] {
  const differences = [
    ...changedFields(before.definition, after.definition, VIEW_APART).map((change) => ({
      kind: "field changed" as const,
      ...change,
    })),
    ...columnDifferences(before.definition.columns, after.definition.columns),
  ];
  const answersOnly = differences.length === 0 && before.version === after.version && before.hash !== after.hash;
  return answersOnly ? [{ kind: "answers changed" }] : differences;
}

type Columns = RegisteredDefinition["columns"];

function columnDifferences(before: Columns, after: Columns): ViewDifference[] {
  const earlier = new Map(before.map((column) => [column.name, column]));
  const later = new Set(after.map(({ name }) => name));
  const kept = after.filter(({ name }) => earlier.has(name)).map(({ name }) => name);
  const keptBefore = before.filter(({ name }) => later.has(name)).map(({ name }) => name);
  return [
    ...before
      .filter(({ name }) => !later.has(name))
      .map(({ name }): ViewDifference => ({ kind: "column removed", column: name })),
    ...after.flatMap((column): ViewDifference[] => {
      const old = earlier.get(column.name);
      if (old === undefined) return [{ kind: "column added", column: column.name }];
      return columnChanges(old, column);
    }),
    ...(canonicalJson(kept) === canonicalJson(keptBefore) ? [] : [{ kind: "columns reordered" } as const]),
  ];
}

function columnChanges(before: Columns[number], after: Columns[number]): ViewDifference[] {
  const column = after.name;
  const answersChanged =
    before.answers !== undefined && after.answers !== undefined && before.answers !== after.answers;
  return [
    ...changedFields(before, after, COLUMN_APART).map((change) => ({
      kind: "column changed" as const,
      column,
      ...change,
    })),
    ...(answersChanged ? [{ kind: "answers changed" as const, column }] : []),
  ];
}

interface FieldChange {
  field: string;
  before: unknown;
  after: unknown;
}

function changedFields(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  without: ReadonlySet<string>,
): FieldChange[] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((field) => !without.has(field));
  return fields
    .filter((field) => canonicalJson([before[field]]) !== canonicalJson([after[field]]))
    .map((field) => ({ field, before: before[field], after: after[field] }));
}

/** For people: `column runtime_minutes: unit was minutes, is hours`. */
export function describeDifference(difference: ViewDifference): string {
  switch (difference.kind) {
    case "field changed":
      return `${difference.field} ${wasAndIs(difference)}`;
    case "column added":
      return `column ${difference.column} was added`;
    case "column removed":
      return `column ${difference.column} was removed`;
    case "column changed":
      return `column ${difference.column}: ${difference.field} ${wasAndIs(difference)}`;
    case "columns reordered":
      return "the columns stand in another order";
    case "answers changed":
      return difference.column === undefined
        ? "the definition is the same, and the function answers otherwise"
        : `column ${difference.column}: the function answers otherwise`;
  }
}

function wasAndIs({ before, after }: { before: unknown; after: unknown }): string {
  return `was ${valueText(before)}, is ${valueText(after)}`;
}

function valueText(value: unknown): string {
  if (value === undefined) return "not given";
  return typeof value === "string" ? value : JSON.stringify(value);
}
