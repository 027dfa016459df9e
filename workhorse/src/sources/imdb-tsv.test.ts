import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { gunzipped } from "./imdb-gunzip.ts";
import { readTsvLines, readTsvRow, type TsvRow } from "./imdb-tsv.ts";

const HEADER = "tconst\ttitleType\tprimaryTitle\tstartYear\n";
const COLUMNS = ["tconst", "primaryTitle", "startYear"];

/** The text cut into pieces of so many bytes. */
async function* pieces(bytes: Uint8Array, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield Buffer.from(bytes.subarray(at, at + length));
}

async function read(text: AsyncIterable<Buffer>): Promise<{ rows: TsvRow[]; bad: string[] }> {
  const all = { rows: [] as TsvRow[], bad: [] as string[] };
  for await (const { header, lines } of readTsvLines(text, COLUMNS)) {
    for (const line of lines) {
      const row = readTsvRow(line, header);
      if (row) all.rows.push(row);
      else all.bad.push(line);
    }
  }
  return all;
}
const readText = (text: string, length = 7) => read(pieces(Buffer.from(text), length));

describe("IMDb's TSV", () => {
  it("gives the columns asked for, null for \\N, and leaves quotes and letters of any script as they are", async () => {
    const text = `${HEADER}tt0000001\tmovie\t"Ω" 東京\t1999\ntt0000002\tmovie\tB\t\\N\n`;
    const expected = {
      rows: [
        ["tt0000001", '"Ω" 東京', "1999"],
        ["tt0000002", "B", null],
      ],
      bad: [],
    };
    // In single bytes every letter of another script is cut.
    for (const length of [1, 2, 3, 7, 1_000]) expect(await readText(text, length)).toEqual(expected);
  });

  it("reads a last line without line end, line ends of Windows and a byte-order mark", async () => {
    expect((await readText(`\uFEFF${HEADER}tt1\tmovie\tA\t2000`)).rows).toEqual([["tt1", "A", "2000"]]);
    expect((await readText(`${HEADER}tt1\tmovie\tA\t2000\n`.replaceAll("\n", "\r\n"))).rows).toEqual([
      ["tt1", "A", "2000"],
    ]);
  });

  it("sets aside a line with an embedded tab and goes on", async () => {
    const { rows, bad } = await readText(`${HEADER}tt1\tmovie\tA\tB\t2000\ntt2\tmovie\tC\t2001\n`);
    expect(bad).toEqual(["tt1\tmovie\tA\tB\t2000"]);
    expect(rows).toEqual([["tt2", "C", "2001"]]);
  });

  it("gives nothing for a file of a header alone", async () => {
    expect(await readText(HEADER)).toEqual({ rows: [], bad: [] });
  });

  it("refuses a header that lacks a column, and a line without end", async () => {
    await expect(readText("tconst\ttitleType\n")).rejects.toThrow("no column primaryTitle, startYear");
    await expect(readText("")).rejects.toThrow("no column tconst");
    await expect(readText(`${HEADER}${"x".repeat(1_100_000)}`, 65_536)).rejects.toMatchObject({
      code: "SOURCE_BODY_INVALID",
    });
  });

  it("refuses a gzip file that is cut off, one that is damaged, and one that is none", async () => {
    const whole = gzipSync(`${HEADER}${"tt1\tmovie\tA\t2000\n".repeat(500)}`);
    const damaged = Buffer.from(whole);
    damaged[damaged.length - 6] = (damaged.at(-6) ?? 0) ^ 1;
    for (const bytes of [whole.subarray(0, whole.length - 20), damaged, Buffer.from("<html>busy</html>")]) {
      await expect(read(gunzipped(Readable.from([bytes])))).rejects.toMatchObject({ code: "SOURCE_BODY_INVALID" });
    }
  });

  it("passes the archive's own error on", async () => {
    const lost = Readable.from(pieces(gzipSync(HEADER), 5));
    const error = new Error("the object store went away");
    const reading = read(gunzipped(lost));
    lost.destroy(error);
    await expect(reading).rejects.toBe(error);
  });
});
