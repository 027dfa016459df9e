import type { CalendarDate } from "@marquee/shared/contracts/time";
import { FILM } from "@marquee/shared/features/entities";
import type { ViewSchema } from "@marquee/shared/features/feature-view";
import type { DatasetContent, OnlineEntry, RowBatch } from "../src/offline-store/offline-store.ts";

const UNKNOWN = Number.NaN;

/** Two views, one of which a join looks back a day for. */
export const PLAIN = view("plain", ["height", "weight"], ["tall"]);
export const FLEETING = { ...view("fleeting", ["mood"], []), joinWindowSeconds: 86_400 };

function view(name: string, numbers: readonly string[], flags: readonly string[]): ViewSchema {
  return {
    ...{ name, version: 1, entity: FILM, ttlSeconds: 3_600 },
    columns: [
      ...numbers.map((column) => ({ name: column, type: "float64" as const, default: UNKNOWN })),
      ...flags.map((column) => ({ name: column, type: "bool" as const, default: UNKNOWN })),
    ],
  };
}

/** A row: id, moment, then height, weight, tall, mood. */
export type Row = readonly [id: number, at: string, height: number, weight: number, tall: number, mood: number];

export const ROWS: readonly Row[] = [
  [1, "1969-12-31T23:59:59.999Z", 1, -0, 1, 10],
  [1, "1999-05-01T00:00:00Z", 2, 0.1 + 0.2, 0, 11],
  [2, "2001-02-03T04:05:06.789Z", UNKNOWN, Number.MIN_VALUE, UNKNOWN, UNKNOWN],
  [3, "2001-02-03T00:00:00Z", 1e300, -1, 1, 30],
];

export function batchOf(rows: readonly Row[]): RowBatch {
  return {
    ids: Int32Array.from(rows, ([id]) => id),
    eventTimes: Float64Array.from(rows, ([, at]) => Date.parse(at)),
    values: Float64Array.from(rows.flatMap(([, , ...values]) => values)),
  };
}

export const ENTRIES: readonly OnlineEntry[] = [
  { view: "card@1", entity: "film:1", value: Uint8Array.of(1, 0, 255) },
  { view: "card@1", entity: "film:2", value: Uint8Array.of() },
  { view: "name@1", entity: "person:o'brien", value: Uint8Array.of(7) },
];

export function contentOf({
  rows = ROWS,
  entries = ENTRIES,
  builtAt = "2026-11-21T10:00:00.000Z",
}: {
  rows?: readonly Row[];
  entries?: readonly OnlineEntry[];
  builtAt?: string;
} = {}): DatasetContent {
  const hash = "0".repeat(64);
  return {
    ...{ builtAt, asOf: "2026-11-21" as CalendarDate, catalogHash: "c", archiveHash: null, maturityDays: 0 },
    viewsHash: hash,
    entity: FILM,
    views: [PLAIN, FLEETING].map(({ name, version, columns, ...rest }: ViewSchema) => ({
      ...{ name, version, hash },
      columns: columns.map((column) => ({ name: column.name, type: column.type })),
      ...(rest.joinWindowSeconds === undefined ? {} : { joinWindowSeconds: rest.joinWindowSeconds }),
    })),
    rows: rows.length === 0 ? [] : [batchOf(rows)],
    online: [[...entries]],
  };
}
