import { MarqueeError } from "@marquee/shared/service/errors";

/** What Feast's Python library needed, by Python's own clock. */
export interface Materialisation {
  seconds: number;
}

export interface HistoricalJoin {
  seconds: number;
  rows: number;
  /** Entities, their times and features. */
  columns: number;
  /** Rows without x00. */
  nulls: number;
  /** Of x00, to four digits. */
  sum: number;
}

/** @throws INTERNAL where a view's line is not there */
export function materialisationsIn(printed: string): Record<"v5k" | "v100k", Materialisation> {
  const seconds = Object.fromEntries(
    [...printed.matchAll(/^SDK materialize (\w+): ([\d.]+) s$/gm)].map(([, view, value]) => [view, Number(value)]),
  );
  const { v5k, v100k } = seconds;
  if (v5k === undefined || v100k === undefined) throw unread("materialize", printed);
  return { v5k: { seconds: v5k }, v100k: { seconds: v100k } };
}

const JOIN = /^get_historical_features .*: ([\d.]+) s rows (\d+) cols (\d+) nulls (\d+) sum x00 (-?[\d.]+)$/gm;

/** @throws INTERNAL where there is no line of a join */
export function joinsIn(printed: string): HistoricalJoin[] {
  const joins = [...printed.matchAll(JOIN)].map(([, ...figures]) => {
    const [seconds = 0, rows = 0, columns = 0, nulls = 0, sum = 0] = figures.map(Number);
    return { seconds, rows, columns, nulls, sum };
  });
  if (joins.length === 0) throw unread("hist", printed);
  return joins;
}

function unread(what: string, printed: string): MarqueeError {
  return new MarqueeError("INTERNAL", `feast_sdk.py ${what} printed no figures:\n${printed}`);
}
