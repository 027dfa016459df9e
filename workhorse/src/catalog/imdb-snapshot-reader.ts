import { readTsvRow, type TsvHeader } from "../sources/imdb-tsv.ts";
import { copyLine } from "./copy-line.ts";
import { leadingNumber, type NumberSet } from "./imdb-number-set.ts";
import { type RefusedLines, wrongFields } from "./imdb-refused-lines.ts";
import { createRowReader } from "./imdb-row-reader.ts";
import type { Snapshot } from "./imdb-snapshots.ts";

/** Turns a file's lines into rows of its table. */
export interface SnapshotReader {
  /** Lines that were read. */
  readonly lines: number;
  /** Those of them that are in order and ours. */
  readonly taken: number;
  /** @returns the lines' rows in COPY's text format */
  read(lines: readonly string[], header: TsvHeader): string;
}

/** @param wanted whose lines are ours, by the first column; undefined: all */
export function createSnapshotReader(
  snapshot: Snapshot,
  wanted: NumberSet | undefined,
  refused: RefusedLines,
): SnapshotReader {
  let seen = 0;
  let taken = 0;

  function rowsOf(line: string, header: TsvHeader): string {
    const row = readTsvRow(line, header);
    if (row === undefined) {
      refused.refuse(line, wrongFields(line, header.fields));
      return "";
    }
    const reader = createRowReader(snapshot.columns, row);
    // The first column of every table is the id that lines are wanted by, wherever it stands in the line.
    const rows = snapshot.rows(reader).filter(([id]) => wanted === undefined || wanted.has(Number(id)));
    if (reader.problem !== undefined) {
      refused.refuse(line, reader.problem);
      return "";
    }
    if (rows.length > 0 || snapshot.table === undefined) taken += 1;
    return rows.map(copyLine).join("");
  }

  return {
    get lines() {
      return seen;
    },
    get taken() {
      return taken;
    },
    read: (lines, header) => {
      const idFirst = header.wanted[0] === 0;
      let text = "";
      for (const line of lines) {
        // Of 90 million lines of principals nine in ten are of no film: those are told by their first digits alone.
        const number = wanted !== undefined && idFirst ? leadingNumber(line) : undefined;
        if (number === undefined || wanted?.has(number)) text += rowsOf(line, header);
      }
      seen += lines.length;
      return text;
    },
  };
}
