import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readImdbTsv, type TsvRow } from "./imdb-tsv.ts";

const HEADER = "tconst\ttitleType\tprimaryTitle\tstartYear\n";

async function read(bytes: Uint8Array, chunkBytes = 7): Promise<{ rows: TsvRow[]; bad: string[] }> {
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, i) =>
    bytes.subarray(i * chunkBytes, (i + 1) * chunkBytes),
  );
  const all = { rows: [] as TsvRow[], bad: [] as string[] };
  for await (const { rows, bad } of readImdbTsv(Readable.from(chunks), ["tconst", "primaryTitle", "startYear"])) {
    all.rows.push(...rows);
    all.bad.push(...bad);
  }
  return all;
}

describe("IMDb's TSV", () => {
  it("gives the columns asked for, null for \\N, and leaves quotes and letters of any script as they are", async () => {
    const text = `${HEADER}tt0000001\tmovie\t"Ω" 東京\t1999\ntt0000002\tmovie\tB\t\\N\n`;
    expect(await read(gzipSync(text))).toEqual({
      rows: [
        ["tt0000001", '"Ω" 東京', "1999"],
        ["tt0000002", "B", null],
      ],
      bad: [],
    });
  });

  it("reads a last line without line end", async () => {
    expect((await read(gzipSync(`${HEADER}tt1\tmovie\tA\t2000`))).rows).toEqual([["tt1", "A", "2000"]]);
  });

  it("sets aside a line with an embedded tab and goes on", async () => {
    const { rows, bad } = await read(gzipSync(`${HEADER}tt1\tmovie\tA\tB\t2000\ntt2\tmovie\tC\t2001\n`));
    expect(bad).toEqual(["tt1\tmovie\tA\tB\t2000"]);
    expect(rows).toEqual([["tt2", "C", "2001"]]);
  });

  it("gives nothing for a file of a header alone", async () => {
    expect(await read(gzipSync(HEADER))).toEqual({ rows: [], bad: [] });
  });

  it("refuses a file that is cut off, one that is no gzip, and one whose header lacks a column", async () => {
    const whole = gzipSync(`${HEADER}${"tt1\tmovie\tA\t2000\n".repeat(500)}`);
    await expect(read(whole.subarray(0, whole.length - 20), 1_000)).rejects.toMatchObject({
      code: "SOURCE_BODY_INVALID",
    });
    await expect(read(Buffer.from("<html>busy</html>"))).rejects.toMatchObject({ code: "SOURCE_BODY_INVALID" });
    await expect(read(gzipSync("tconst\ttitleType\n"))).rejects.toThrow("no column primaryTitle, startYear");
  });
});
