import { calendarDate, type EpochDay } from "@marquee/shared/contracts/time";
import { describe, expect, it } from "vitest";
import { readTsvHeader } from "../sources/imdb-tsv.ts";
import { createSeededRandom } from "../training/seeded-random.ts";
import { createRefusedLines, type RefusedLines } from "./imdb-refused-lines.ts";
import { copyRatings } from "./ratings-copy.ts";
import { RATINGS_COLUMNS, readRatingLine } from "./ratings-line.ts";

const HEADER = "tconst\taverageRating\tnumVotes";
const DAY = 17_468 as EpochDay;

type Row = [number: number, day: string, average: number, votes: number];

interface Read {
  rows: Row[];
  refused: string[];
  figures: { lines: number; rows: number; tenths: number };
}

/** A list of what was refused in place of the quarantine. */
function recording(): RefusedLines & { details: string[] } {
  const details: string[] = [];
  const refused = createRefusedLines("title.ratings");
  return {
    ...refused,
    details,
    refuse: (line, problem) => void details.push(`${line}: ${problem.detail}`),
  };
}

async function readFast(text: string, pieceLength: number): Promise<Read> {
  const bytes = Buffer.from(text);
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += pieceLength) yield bytes.subarray(at, at + pieceLength);
  }
  const refused = recording();
  const figures = { lines: 0, rows: 0, tenths: 0 };
  const copied = Buffer.concat(await Array.fromAsync(copyRatings(pieces(), { day: DAY, refused, figures })));
  return { rows: decode(copied), refused: refused.details, figures };
}

/** What PostgreSQL would read: https://www.postgresql.org/docs/current/sql-copy.html, Binary Format. */
function decode(bytes: Buffer): Row[] {
  expect(bytes.toString("latin1", 0, 11)).toBe("PGCOPY\n\xff\r\n\0");
  expect([bytes.readInt32BE(11), bytes.readInt32BE(15)]).toEqual([0, 0]);
  const rows: Row[] = [];
  let at = 19;
  for (; bytes.readInt16BE(at) !== -1; at += 34) {
    const lengths = [2, 10, 18, 26].map((offset) => bytes.readInt32BE(at + offset));
    expect([bytes.readInt16BE(at), ...lengths]).toEqual([4, 4, 4, 4, 4]);
    const day = calendarDate((bytes.readInt32BE(at + 14) + 10_957) as EpochDay);
    rows.push([bytes.readInt32BE(at + 6), day, bytes.readFloatBE(at + 22), bytes.readInt32BE(at + 30)]);
  }
  expect(at + 2).toBe(bytes.length);
  return rows;
}

/** Line by line, by the reader that the fast one must agree with. */
function readSlow(text: string): Pick<Read, "rows" | "refused"> {
  const [first = "", ...lines] = text.replace(/\n$/, "").split("\n");
  const header = readTsvHeader(first, RATINGS_COLUMNS);
  const rows: Row[] = [];
  const refused: string[] = [];
  for (const line of lines.map((line) => line.replace(/\r$/, ""))) {
    const read = readRatingLine(line, header);
    if ("kind" in read) refused.push(`${line}: ${read.detail}`);
    else rows.push([read.imdbNumber, calendarDate(DAY), Math.fround(read.average), read.votes]);
  }
  return { rows, refused };
}

describe("title.ratings as binary COPY", () => {
  it("holds each title's number, day, average and votes", async () => {
    const { rows, figures } = await readFast(`${HEADER}\ntt0000001\t5.8\t1320\ntt0133093\t10.0\t2147483647\n`, 1_000);
    expect(rows).toEqual([
      [1, "2017-10-29", Math.fround(5.8), 1_320],
      [133_093, "2017-10-29", 10, 2_147_483_647],
    ]);
    expect(figures).toEqual({ lines: 2, rows: 2, tenths: 158 });
  });

  it.each([
    ["a line cut anywhere", `${HEADER}\ntt0000001\t5.8\t1320\ntt0000002\t6.4\t12\n`],
    ["no line end at the end", `${HEADER}\ntt0000001\t5.8\t1320`],
    ["line ends of Windows", `${HEADER}\r\ntt0000001\t5.8\t1320\r\ntt0000002\t6.4\t12\r\n`],
    ["a byte-order mark", `\uFEFF${HEADER}\ntt0000001\t5.8\t1320\n`],
    ["columns in another order and more of them", "numVotes\tnew\ttconst\taverageRating\n12\tx\ttt0000007\t6.4\n"],
    ["an average without decimals, and with several", `${HEADER}\ntt0000001\t5\t1\ntt0000002\t8.3000\t2\n`],
    ["an id of ten digits", `${HEADER}\ntt2147483647\t5.0\t1\ntt0000000001\t5.0\t1\n`],
    ["an empty line", `${HEADER}\n\ntt0000001\t5.8\t1320\n\n`],
    ["a header alone", `${HEADER}\n`],
  ])("reads %s as the slow reader does", async (_what, text) => {
    for (const length of [1, 2, 5, 16, 10_000]) expect(await readFast(text, length)).toMatchObject(readSlow(text));
  });

  it.each([
    ["tt000001\t5.8\t1", "tconst is no IMDb id"],
    ["nm0000001\t5.8\t1", "tconst is no IMDb id"],
    ["tt9999999999\t5.8\t1", "tconst is no IMDb id"],
    ["\\N\t5.8\t1", "tconst is no IMDb id"],
    ["tt0000001\t11.0\t1", "averageRating is no number from 0 to 10"],
    ["tt0000001\t-1.0\t1", "averageRating is no number from 0 to 10"],
    ["tt0000001\t\\N\t1", "averageRating is no number from 0 to 10"],
    ["tt0000001\t5,8\t1", "averageRating is no number from 0 to 10"],
    ["tt0000001\t5.8\tmany", "numVotes is no whole number"],
    ["tt0000001\t5.8\t", "numVotes is no whole number"],
    ["tt0000001\t5.8\t9999999999", "numVotes is no whole number"],
    ["tt0000001\t5.8\t1\t2", "the line has 4 fields where the header has 3"],
    ["tt0000001\t5.8", "the line has 2 fields where the header has 3"],
  ])("refuses %j: %s", async (line, detail) => {
    const { rows, refused, figures } = await readFast(`${HEADER}\n${line}\ntt0000002\t6.4\t12\n`, 1_000);
    expect(refused).toEqual([`${line}: ${detail}`]);
    expect(rows).toHaveLength(1);
    expect(figures.lines).toBe(2);
  });

  it("agrees with the slow reader on 20,000 lines of any kind, however they are cut", async () => {
    const seeded = createSeededRandom(4);
    const random = () => seeded.next();
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
    const digits = (most: number) => String(Math.floor(random() * 10 ** (1 + Math.floor(random() * most))));
    const line = () =>
      random() < 0.7
        ? `tt${digits(7).padStart(7, "0")}\t${digits(1)}.${digits(1)}\t${digits(6)}`
        : `${pick(["tt", "tt", "nm", "t", ""])}${digits(11).padStart(7, "0")}${pick(["\t", "\t", " ", ""])}${pick(["", "-", "1"])}${digits(1)}${pick([".", ",", ""])}${digits(2)}\t${pick(["\\N", "", digits(12), "é", "\0"])}${pick(["", "\t", "\r", "\r\r"])}`;
    const text = `${HEADER}\n${Array.from({ length: 20_000 }, line).join("\n")}`;
    const slow = readSlow(text);
    expect(slow.rows.length).toBeGreaterThan(12_000);
    expect(slow.refused.length).toBeGreaterThan(2_000);
    for (const length of [101, 65_536]) {
      const fast = await readFast(text, length);
      expect(fast.rows).toEqual(slow.rows);
      expect(fast.refused).toEqual(slow.refused);
    }
  });

  it("throws for a file that lacks a column, and for a line without end", async () => {
    await expect(readFast("tconst\tnumVotes\n", 5)).rejects.toThrow("no column averageRating");
    await expect(readFast("", 5)).rejects.toThrow("no column tconst");
    await expect(readFast(`${HEADER}\n${"x".repeat(1_100_000)}`, 65_536)).rejects.toMatchObject({
      code: "SOURCE_BODY_INVALID",
    });
  });
});
