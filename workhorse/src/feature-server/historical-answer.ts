import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { historicalFeatures, historicalFile } from "../offline-store/historical-features.ts";
import type { LocalDataset } from "../offline-store/open-dataset.ts";
import { writeEntityFile } from "./entity-file.ts";
import { type HistoricalContext, type HistoricalQuestion, parseHistoricalRequest } from "./historical-request.ts";
import { jsonValue } from "./json-value.ts";

export type HistoricalFormat = "json" | "parquet";

export interface HistoricalAnswerOptions {
  dataset: LocalDataset;
  services: HistoricalContext["services"];
  /** As it came. */
  body: string;
  format: HistoricalFormat;
}

/**
 * Features as they stood: the entities' columns as they were given, and the features beside them.
 * @returns a Parquet file, or JSON: `{metadata: {feature_names, dataset}, columns: {…}}`
 * @throws BODY_NOT_JSON, REQUEST_INVALID, FEATURE_UNKNOWN
 */
export async function answerHistorical(options: HistoricalAnswerOptions): Promise<Uint8Array<ArrayBuffer>> {
  const { dataset, services, body, format } = options;
  const question = parseHistoricalRequest(body, { joinKey: dataset.manifest.entity.joinKey, services });
  return format === "parquet" ? asParquet(dataset, question) : asJson(dataset, question);
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
  const columns = [
    ...Object.entries(given).map(([name, values]) => `${JSON.stringify(name)}:${JSON.stringify(values)}`),
    ...[...found].map(([name, values]) => `${JSON.stringify(name)}:[${texts(values, bools.has(name))}]`),
  ];
  const metadata = JSON.stringify({ feature_names: [...found.keys()], dataset: dataset.hash });
  return new TextEncoder().encode(`{"metadata":${metadata},"columns":{${columns.join()}}}`);
}

function texts(values: Float64Array, isBool: boolean): string {
  return Array.from(values, (value) => jsonValue(value, isBool)).join();
}

async function asParquet(dataset: LocalDataset, question: HistoricalQuestion): Promise<Uint8Array<ArrayBuffer>> {
  const folder = await mkdtemp(join(tmpdir(), "marquee-history-"));
  try {
    const [entities, out] = [join(folder, "entities.parquet"), join(folder, "features.parquet")];
    const { duckdb } = await dataset.query();
    await writeEntityFile(duckdb, question, entities);
    await historicalFile(dataset, { entities, features: question.features, out });
    return Uint8Array.from(await readFile(out));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
