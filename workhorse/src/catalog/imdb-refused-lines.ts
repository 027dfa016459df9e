import type { Transaction } from "@marquee/shared/backing/postgres/database";
import type { ImdbFile } from "../sources/imdb-client.ts";
import { quarantine } from "./quarantine.ts";
import type { Refused } from "./tmdb-movie.ts";

/** More refused lines than this of one file are counted, not kept one by one. */
const MAX_KEPT = 1_000;
/** Characters of a refused line that are kept, and of its id. */
const MAX_LINE = 2_000;
const MAX_ID = 40;
/** Files of several lines for a title: the title's id and the line's number among them tell which one it is. */
const NUMBERED: ReadonlySet<ImdbFile> = new Set(["title.principals", "title.akas"]);

/** What is wrong with a line. */
export interface LineProblem {
  /** The column at fault; "" where it is the line. */
  column: string;
  /** `null`: the column must say something and says \N. `form`: it says something that cannot be. */
  kind: "null" | "form" | "fields";
  detail: string;
}

/** The lines of one file that cannot be taken: the first thousand with their text, the rest counted. */
export interface RefusedLines {
  /** @param line without its line end; its first field is taken for its id, of credits and other titles its first two */
  refuse(line: string, problem: LineProblem): void;
  readonly count: number;
  /** How many were refused for this column and in this way. */
  countOf(column: string, kind: LineProblem["kind"]): number;
  /** Writes them to the quarantine. */
  save(tx: Transaction, manifestKey: string, now: Date): Promise<void>;
}

/** What the quarantine gives as the reason for a line of a file: one title may be refused in several files. */
export function lineReason(file: ImdbFile): string {
  return `schema ${file}`;
}

/** The quarantine's reason for lines that were only counted, beside the file's name in place of an id. */
export const TOO_MANY = "too_many";

export function createRefusedLines(file: ImdbFile): RefusedLines {
  const kept: Refused[] = [];
  const counts = new Map<string, number>();
  let count = 0;
  return {
    get count() {
      return count;
    },
    refuse: (line, { column, kind, detail }) => {
      count += 1;
      counts.set(`${kind} ${column}`, (counts.get(`${kind} ${column}`) ?? 0) + 1);
      if (kept.length >= MAX_KEPT) return;
      const id = line.split("\t", NUMBERED.has(file) ? 2 : 1);
      kept.push({
        sourceId: storable(id.join(" "), MAX_ID),
        reason: lineReason(file),
        detail,
        payload: storable(line, MAX_LINE),
      });
    },
    countOf: (column, kind) => counts.get(`${kind} ${column}`) ?? 0,
    save: async (tx, manifestKey, now) => {
      const beyond = count - kept.length;
      const rest: Refused = { sourceId: file, reason: TOO_MANY, detail: `${beyond} more lines`, payload: null };
      await quarantine(tx, "imdb", beyond > 0 ? [...kept, rest] : kept, now, manifestKey);
    },
  };
}

/** What is wrong with a line of another number of fields than the header. */
export function wrongFields(line: string, expected: number): LineProblem {
  const fields = line.split("\t").length;
  return { column: "", kind: "fields", detail: `the line has ${fields} fields where the header has ${expected}` };
}

/** PostgreSQL keeps no character 0 and no half of a character. */
function storable(text: string, length: number): string {
  return text.slice(0, length).replaceAll("\0", "\uFFFD").toWellFormed();
}
