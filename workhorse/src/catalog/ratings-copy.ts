import type { EpochDay } from "@marquee/shared/contracts/time";
import { lineTooLong, MAX_LINE_BYTES, readTsvHeader, type TsvHeader } from "../sources/imdb-tsv.ts";
import type { RefusedLines } from "./imdb-refused-lines.ts";
import { RATINGS_COLUMNS, readRatingLine } from "./ratings-line.ts";

/** What a read ratings file came to. */
export interface RatingsFigures {
  /** Lines but for the header. */
  lines: number;
  /** Lines that became rows. */
  rows: number;
  /** Sum of the rows' averages, in tenths: in whole numbers, which V8 keeps without a box each. */
  tenths: number;
}

export interface RatingsCopyOptions {
  /** The day on which the file says so. */
  day: EpochDay;
  refused: RefusedLines;
  /** Counted up while the file is read. */
  figures: RatingsFigures;
}

/** https://www.postgresql.org/docs/current/sql-copy.html, Binary Format: signature, no flags, no extension. */
const COPY_HEADER = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1");
const COPY_END = Buffer.from([0xff, 0xff]);
/** Four fields (their number in 2 bytes), each 4 bytes with their length in 4. */
const ROW_BYTES = 2 + 4 * 8;
const NUMBER_AT = 6;
const DAY_AT = 14;
const AVERAGE_AT = 22;
const VOTES_AT = 30;
/** 2000-01-01, PostgreSQL's first day, in days since 1970. */
const POSTGRES_DAY_0 = 10_957;
/** Rows sent at once: about 140 KB, where larger was measured to gain nothing. */
const ROWS_PER_CHUNK = 4_096;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const TAB = 9;
const LETTER_T = 116;
const POINT = 46;
const ZERO = 48;

/** The bytes of 0.0, 0.1 … 9.9 as PostgreSQL's `real`, big-endian in one number. */
const TENTHS = Int32Array.from({ length: 100 }, (_, tenths) => realBits(tenths / 10));

/**
 * Turns IMDb's title.ratings, unzipped and cut anywhere, into PostgreSQL's binary COPY of (imdb_number integer,
 * observed_on date, average real, votes integer). No string is made for a line of the usual form: 776,000 lines take
 * 0.03 s, a tenth of what PostgreSQL then takes to store them. Any other line is read by readRatingLine.
 * @throws SOURCE_BODY_INVALID where a column is missing or a line has no end; what `text` throws
 */
export async function* copyRatings(text: AsyncIterable<Buffer>, options: RatingsCopyOptions): AsyncGenerator<Buffer> {
  const encoder = createEncoder(options);
  yield COPY_HEADER;
  let rest: Buffer = Buffer.alloc(0);
  let header: TsvHeader | undefined;
  for await (const chunk of text) {
    const end = chunk.lastIndexOf(LINE_FEED) + 1;
    if (rest.length + chunk.length - end > MAX_LINE_BYTES) throw lineTooLong();
    if (end === 0) {
      rest = Buffer.concat([rest, chunk]);
      continue;
    }
    // Only the line that the chunks share is put together; the others are read where they lie.
    const begin = chunk.indexOf(LINE_FEED) + 1;
    const first = Buffer.concat([rest, chunk.subarray(0, begin)]);
    if (header === undefined) header = encoder.readHeader(first);
    else yield* encoder.encode(first);
    yield* encoder.encode(chunk.subarray(begin, end));
    rest = Buffer.from(chunk.subarray(end));
  }
  const last = rest.length === 0 ? rest : Buffer.concat([rest, Buffer.from("\n")]);
  if (header === undefined) encoder.readHeader(last);
  else yield* encoder.encode(last);
  yield encoder.pending();
  yield COPY_END;
}

interface ReadRow {
  imdbNumber: number;
  /** The average as PostgreSQL's `real`, big-endian in one number. */
  averageBits: number;
  tenths: number;
  votes: number;
}

interface Encoder {
  readHeader(line: Buffer): TsvHeader;
  /** Whole lines in; the chunks that they fill come out. */
  encode(lines: Buffer): Buffer[];
  pending(): Buffer;
}

function createEncoder({ day, refused, figures }: RatingsCopyOptions): Encoder {
  const template = rowTemplate(day);
  let out = Buffer.from(template);
  let filled = 0;
  let header: TsvHeader | undefined;
  let usual = false;
  /** The row that was read last, always the same object: reading one makes none. */
  const row: ReadRow = { imdbNumber: 0, averageBits: 0, tenths: 0, votes: 0 };

  function put(): void {
    const at = filled;
    putInteger(out, at + NUMBER_AT, row.imdbNumber);
    putInteger(out, at + AVERAGE_AT, row.averageBits);
    putInteger(out, at + VOTES_AT, row.votes);
    filled = at + ROW_BYTES;
    figures.rows += 1;
    figures.tenths += row.tenths;
  }

  /** @returns whether the line became `row` */
  function readSlowly(line: string): boolean {
    if (header === undefined) return false;
    const read = readRatingLine(line, header);
    if ("kind" in read) {
      refused.refuse(line, read);
      return false;
    }
    row.imdbNumber = read.imdbNumber;
    row.tenths = read.average * 10;
    row.averageBits = realBits(read.average);
    row.votes = read.votes;
    return true;
  }

  function encode(lines: Buffer): Buffer[] {
    const full: Buffer[] = [];
    let at = 0;
    while (at < lines.length) {
      let next = usual ? readUsualLine(lines, at, row) : 0;
      let isRow = next > 0;
      if (!isRow) {
        next = lines.indexOf(LINE_FEED, at) + 1;
        isRow = readSlowly(lineText(lines, at, next));
      }
      figures.lines += 1;
      at = next;
      if (!isRow) continue;
      put();
      if (filled === template.length) {
        full.push(out);
        out = Buffer.from(template);
        filled = 0;
      }
    }
    return full;
  }

  return {
    readHeader: (line) => {
      const text = lineText(line, 0, line.length);
      header = readTsvHeader(text, RATINGS_COLUMNS);
      usual = header.fields === RATINGS_COLUMNS.length && header.wanted.every((at, i) => at === i);
      return header;
    },
    encode,
    pending: () => out.subarray(0, filled),
  };
}

/**
 * Reads a line of exactly the form `tt0000001<tab>5.8<tab>1320`, up to nine digits in a number, into `row`.
 * `lines` ends with a line feed, so that no loop reads beyond it.
 * @returns where the next line begins; 0 where this one is of another form
 */
function readUsualLine(lines: Buffer, begin: number, row: ReadRow): number {
  if (lines[begin] !== LETTER_T || lines[begin + 1] !== LETTER_T) return 0;
  let at = begin + 2;
  let imdbNumber = 0;
  let digit = digitAt(lines, at);
  while (digit >= 0 && digit <= 9) {
    imdbNumber = imdbNumber * 10 + digit;
    digit = digitAt(lines, ++at);
  }
  const idDigits = at - begin - 2;
  if (idDigits < 7 || idDigits > 9 || lines[at] !== TAB) return 0;
  const whole = digitAt(lines, at + 1);
  if (!(whole >= 0 && whole <= 9) || lines[at + 2] !== POINT) return 0;
  const tenth = digitAt(lines, at + 3);
  if (!(tenth >= 0 && tenth <= 9) || lines[at + 4] !== TAB) return 0;
  at += 5;
  const votesBegin = at;
  let votes = 0;
  digit = digitAt(lines, at);
  while (digit >= 0 && digit <= 9) {
    votes = votes * 10 + digit;
    digit = digitAt(lines, ++at);
  }
  if (at === votesBegin || at - votesBegin > 9) return 0;
  if (lines[at] === CARRIAGE_RETURN) at += 1;
  if (lines[at] !== LINE_FEED) return 0;
  const tenths = whole * 10 + tenth;
  row.imdbNumber = imdbNumber;
  row.tenths = tenths;
  row.averageBits = TENTHS[tenths] ?? 0;
  row.votes = votes;
  return at + 1;
}

function digitAt(lines: Buffer, at: number): number {
  return (lines[at] ?? 0) - ZERO;
}

/** Without its line end. */
function lineText(lines: Buffer, begin: number, next: number): string {
  const end = lines[next - 1] === LINE_FEED ? next - 1 : next;
  return lines.toString("utf8", begin, lines[end - 1] === CARRIAGE_RETURN && end > begin ? end - 1 : end);
}

/** A chunk of rows in which all but the three numbers is there already. */
function rowTemplate(day: EpochDay): Buffer {
  const template = Buffer.alloc(ROWS_PER_CHUNK * ROW_BYTES);
  template.writeInt16BE(4, 0);
  for (const field of [NUMBER_AT, DAY_AT, AVERAGE_AT, VOTES_AT]) template.writeInt32BE(4, field - 4);
  template.writeInt32BE(day - POSTGRES_DAY_0, DAY_AT);
  for (let filled = ROW_BYTES; filled < template.length; filled *= 2) template.copyWithin(filled, 0, filled);
  return template;
}

function putInteger(out: Buffer, at: number, value: number): void {
  out[at] = value >>> 24;
  out[at + 1] = value >>> 16;
  out[at + 2] = value >>> 8;
  out[at + 3] = value;
}

function realBits(value: number): number {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatBE(value);
  return bytes.readInt32BE();
}
