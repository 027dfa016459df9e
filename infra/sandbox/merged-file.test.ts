import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { type LineSource, mergedFile } from "./merged-file.ts";
import { OBSERVED_AT } from "./testing/few-films.ts";

const source = (...batches: string[][]): LineSource =>
  async function* () {
    yield* batches;
  };

async function linesOf(sources: LineSource[]): Promise<string[]> {
  const { open } = await mergedFile("title.akas", sources, OBSERVED_AT).state();
  return String(gunzipSync(await buffer(open()))).split("\n");
}

test("a title is taken with all its lines from the first source that has it", async () => {
  const first = source(["tt1\ta", "tt1\tb"], ["tt2\ta"]);
  const second = source(["tt1\tc", "tt3\ta", ""]);
  const [header, ...lines] = await linesOf([first, second]);
  expect(header).toMatch(/^titleId\t/);
  expect(lines).toEqual(["tt1\ta", "tt1\tb", "tt2\ta", "tt3\ta", ""]);
});

test("a source that fails fails the file", async () => {
  const broken: LineSource = async function* () {
    yield ["tt1\ta"];
    throw new TypeError("cut off");
  };
  await expect(linesOf([broken])).rejects.toThrow("cut off");
});
