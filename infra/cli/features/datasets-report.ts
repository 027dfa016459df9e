import type { Queries } from "@marquee/shared/backing/postgres/database";
import { RATING_VIEWS_HASH } from "@marquee/shared/features/film-views";
import { type DatasetRecord, listDatasets } from "@marquee/workhorse/offline-store/dataset-records";
import { megabytes } from "../backup-report.ts";
import type { JobOutcome } from "../run-job.ts";
import { textTable } from "../text-table.ts";

const HEADS = ["dataset", "built (UTC)", "as of", "rows", "size", "views", "catalog", "archive", "training runs"];
/** Of a hash in a table; `--json` has it whole. */
const HASH_DIGITS = 12;

/** Feature datasets with what they were built from. */
export async function describeDatasets(database: Queries, limit: number): Promise<JobOutcome> {
  const datasets = await listDatasets(database, limit);
  return {
    rowsIn: 0,
    rowsOut: datasets.length,
    detail: { datasets },
    text:
      datasets.length === 0
        ? "No features have been built yet: npm start builds them, and the pipeline daily does."
        : textTable(HEADS, datasets.map(rowOf)),
  };
}

function rowOf(dataset: DatasetRecord) {
  const { hash, builtAt, asOf, rows, bytes, viewsHash, catalogHash, archiveHash, trainingRuns } = dataset;
  return [
    ...[short(hash), builtAt.toISOString().slice(0, 16).replace("T", " "), asOf, rows, megabytes(bytes)],
    viewsHash === RATING_VIEWS_HASH ? "this release's" : short(viewsHash),
    ...[short(catalogHash), archiveHash === null ? null : short(archiveHash), trainingRuns],
  ];
}

function short(hash: string): string {
  return hash.slice(0, HASH_DIGITS);
}
