import { readTsvRow, type TsvHeader } from "../sources/imdb-tsv.ts";
import { type LineProblem, wrongFields } from "./imdb-refused-lines.ts";

/** What is read of title.ratings, in this order. */
export const RATINGS_COLUMNS = ["tconst", "averageRating", "numVotes"] as const;

export interface Rating {
  imdbNumber: number;
  /** From 0 to 10. */
  average: number;
  votes: number;
}

/** PostgreSQL's `integer` holds no more. */
const MAX_NUMBER = 2_147_483_647;

/** Reads one line, without its line end, or says what is wrong with it. What the fast reader agrees with. */
export function readRatingLine(line: string, header: TsvHeader): Rating | LineProblem {
  const row = readTsvRow(line, header);
  if (row === undefined) return wrongFields(line, header.fields);
  const [id = null, average = null, votes = null] = row;
  if (id === null || !/^tt\d{7,10}$/.test(id) || Number(id.slice(2)) > MAX_NUMBER)
    return problem("tconst", id, "is no IMDb id");
  if (average === null || !/^\d{1,2}(\.\d{1,6})?$/.test(average) || Number(average) > 10)
    return problem("averageRating", average, "is no number from 0 to 10");
  if (votes === null || !/^\d{1,10}$/.test(votes) || Number(votes) > MAX_NUMBER)
    return problem("numVotes", votes, "is no whole number");
  return { imdbNumber: Number(id.slice(2)), average: Number(average), votes: Number(votes) };
}

function problem(column: string, value: string | null, what: string): LineProblem {
  return { column, kind: value === null ? "null" : "form", detail: `${column} ${what}` };
}
