import { count } from "../local/reporter.ts";

/** What a cell may hold; numbers stand to the right, null is a dash. */
export type Cell = string | number | null;

/**
 * Columns under their names, for people; `--json` has the same as data.
 * @param rows each with a cell for each head
 * @returns lines without a break at the end
 */
export function textTable(heads: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = rows.map((row) => row.map(cellText));
  const widths = heads.map((head, i) => Math.max(head.length, ...texts.map((row) => (row[i] ?? "").length)));
  const numeric = heads.map((_, i) => rows.length > 0 && rows.every((row) => typeof row[i] !== "string"));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (numeric[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join("  ")
      .trimEnd();
  return [heads, ...texts].map(line).join("\n");
}

function cellText(cell: Cell): string {
  if (cell === null) return "-";
  return typeof cell === "number" ? count(cell) : cell;
}
