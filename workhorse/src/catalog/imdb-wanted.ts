import type { Transaction } from "@marquee/shared/backing/postgres/database";
import { createNumberSet, type NumberSet } from "./imdb-number-set.ts";
import type { Snapshot } from "./imdb-snapshots.ts";

/** Numbers fetched from the database at a time: 50,000 rows take some 5 MB in a client's memory. */
const FETCHED_AT_ONCE = 50_000;

const NUMBERS = {
  films: "select imdb_number as number from imdb_titles",
  people: "select person_number as number from imdb_crew union select person_number from imdb_principals",
} as const;

/** The films or people of the catalog, whose lines are ours; undefined where every line is. */
export async function wantedNumbers(tx: Transaction, wanted: Snapshot["wanted"]): Promise<NumberSet | undefined> {
  if (wanted === "all") return undefined;
  const numbers = createNumberSet();
  await tx.execute(`declare wanted_numbers no scroll cursor for ${NUMBERS[wanted]}`);
  for (;;) {
    const rows = await tx.query<{ number: number }>(`fetch ${FETCHED_AT_ONCE} from wanted_numbers`);
    if (rows.length === 0) break;
    for (const { number } of rows) numbers.add(number);
  }
  await tx.execute("close wanted_numbers");
  return numbers;
}
