import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { MarqueeError } from "@marquee/shared/service/errors";
import { isOutOfMemory, limitDuckDb } from "../offline-store/duckdb.ts";
import { resolveFeatures } from "../offline-store/feature-references.ts";
import { historicalFeatures, historicalFile } from "../offline-store/historical-features.ts";
import type { LocalDataset } from "../offline-store/open-dataset.ts";
import { writeEntityFile } from "./entity-file.ts";
import { refused } from "./feature-request.ts";
import { type HistoricalContext, type HistoricalQuestion, parseHistoricalRequest } from "./historical-request.ts";
import { jsonValue } from "./json-value.ts";

/** Beside online answers, in one process with them; what does not fit goes to the disk. */
const DUCKDB_LIMITS = { memoryMb: 384, threads: 2 };

export type HistoricalFormat = "json" | "parquet";

export interface HistoricalAnswerOptions {
  dataset: LocalDataset;
  services: HistoricalContext["services"];
  /** As it came. */
  body: string;
  format: HistoricalFormat;
  /** A folder of this question's own; who made it removes it. */
  scratch: string;
}

/**
 * Features as they stood: the entities' columns as they were given, and the features beside them.
 * @returns a Parquet file, or JSON: `{metadata: {feature_names, dataset}, columns: {…}}`
 * @throws BODY_NOT_JSON, REQUEST_INVALID (of what memory does not suffice for, too), FEATURE_UNKNOWN
 */
export async function answerHistorical(options: HistoricalAnswerOptions): Promise<Uint8Array<ArrayBuffer>> {
  const { dataset, services, body, format, scratch } = options;
  const question = parseHistoricalRequest(body, { joinKey: dataset.manifest.entity.joinKey, services });
  refuseNameTwice(dataset, question);
  const { duckdb } = await dataset.query();
  await limitDuckDb(duckdb, DUCKDB_LIMITS);
  const answer = format === "parquet" ? asParquet(dataset, question, scratch) : asJson(dataset, question);
  return answer.catch((error: unknown) => {
    // A RangeError is what an array or a text beyond all bounds ends with.
    throw isOutOfMemory(error) || error instanceof RangeError ? tooLarge(error) : error;
  });
}

/** For a question that memory does not suffice for. */
export function tooLarge(cause: unknown): MarqueeError {
  return new MarqueeError(
    "REQUEST_INVALID",
    "There is not enough memory for so many rows and columns at once: ask for fewer rows or columns.",
    { cause },
  );
}

/** One of two columns of a name would be lost to whoever reads the answer. */
function refuseNameTwice({ manifest }: LocalDataset, { given, features }: HistoricalQuestion): void {
  const wanted = new Set(resolveFeatures(manifest.views, features).map(({ name }) => name.toLowerCase()));
  const twice = Object.keys(given).find((name) => wanted.has(name.toLowerCase()));
  if (twice !== undefined) {
    throw refused(`entities.${twice}`, "it is asked for as a feature, too; accepted is one of the two", given[twice]);
  }
}

async function asJson(
  dataset: LocalDataset,
  { ids, asOf, given, features }: HistoricalQuestion,
): Promise<Uint8Array<ArrayBuffer>> {
  const found = await historicalFeatures(dataset, { entities: { ids, asOf }, features });
  const bools = new Set(
    dataset.manifest.views.flatMap(({ columns }) =>
      columns.filter(({ type }) => type === "bool").map(({ name }) => name),
    ),
  );
  const metadata = JSON.stringify({ feature_names: [...found.keys()], dataset: dataset.hash });
  const columns = [
    ...Object.entries(given).map(
      ([name, values]) =>
        () =>
          `${JSON.stringify(name)}:${JSON.stringify(values)}`,
    ),
    ...[...found].map(
      ([name, values]) =>
        () =>
          `${JSON.stringify(name)}:[${texts(values, bools.has(name))}]`,
    ),
  ];
  return encoded([
    () => `{"metadata":${metadata},"columns":{`,
    ...columns.map((text, i) => () => `${i === 0 ? "" : ","}${text()}`),
    () => "}}",
  ]);
}

/** Part by part: one text of all of them would be beyond what a thread's heap may be asked for at once. */
function encoded(parts: readonly (() => string)[]): Uint8Array<ArrayBuffer> {
  const chunks = parts.map((text) => Buffer.from(text()));
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function texts(values: Float64Array, isBool: boolean): string {
  return Array.from(values, (value) => jsonValue(value, isBool)).join();
}

async function asParquet(
  dataset: LocalDataset,
  question: HistoricalQuestion,
  scratch: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const [entities, out] = [join(scratch, "entities.parquet"), join(scratch, "features.parquet")];
  const { duckdb } = await dataset.query();
  await writeEntityFile(duckdb, question, entities);
  await historicalFile(dataset, { entities, features: question.features, out });
  return Uint8Array.from(await readFile(out));
}
