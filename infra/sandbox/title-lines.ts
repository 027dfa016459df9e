import type { DataFile } from "./data-file.ts";
import { readLines, unpacked } from "./read-lines.ts";

/** The lines of each title, without their line breaks, in the order of the file. */
export type TitleLines = ReadonlyMap<string, readonly string[]>;

/** The lines of some titles of a file whose first column is the title. Reads the whole file, by chunks. */
export async function readTitleLines(file: DataFile, titles: ReadonlySet<string>): Promise<TitleLines> {
  const lines = new Map<string, string[]>();
  const { open } = await file.state();
  for await (const batch of readLines(unpacked(open()))) {
    for (const line of batch.lines) {
      const id = line.slice(0, line.indexOf("\t"));
      if (!titles.has(id)) continue;
      const known = lines.get(id);
      if (known) known.push(line);
      else lines.set(id, [line]);
    }
  }
  return lines;
}
