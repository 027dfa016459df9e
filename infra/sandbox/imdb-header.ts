import { errorMessage } from "@marquee/shared/service/errors";
import { headerLine, type ImdbFileName } from "./imdb-file.ts";
import { openUnpacked, readLines } from "./read-lines.ts";

/** Why a file on disk is not the one of IMDb's that it is named after; undefined where its header line is right. */
export async function headerProblem(path: string, name: ImdbFileName): Promise<string | undefined> {
  const expected = headerLine(name).trimEnd();
  try {
    for await (const { lines } of readLines(openUnpacked(path))) {
      return lines[0] === expected ? undefined : `the header line is not IMDb's, which is ${expected}`;
    }
    return "the file is empty";
  } catch (error) {
    return `the file cannot be read: ${errorMessage(error)}`;
  }
}
