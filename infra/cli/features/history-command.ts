import { viewKey } from "@marquee/shared/features/feature-view";
import { FEATURE_SERVICES } from "@marquee/shared/features/film-views";
import { MarqueeError } from "@marquee/shared/service/errors";
import { createOfflineStore } from "@marquee/workhorse/offline-store/create-offline-store";
import { type DatasetRecord, listDatasets } from "@marquee/workhorse/offline-store/dataset-records";
import { historicalFile } from "@marquee/workhorse/offline-store/historical-features";
import type { Command } from "commander";
import { count } from "../../local/reporter.ts";
import type { Job } from "../open-job.ts";
import type { Output } from "../program.ts";
import { type CommonFlags, type JobOutcome, jobCommand, runJob } from "../run-job.ts";

/** Of the datasets that `--dataset` may mean by their first digits. */
const SEARCHED_DATASETS = 100_000;
const SERVICES = Object.fromEntries(FEATURE_SERVICES.map(({ name, views }) => [name, views.map(viewKey)]));

export interface HistoryFlags extends CommonFlags {
  entities: string;
  features: readonly string[];
  out: string;
  dataset?: string;
}

export function historyCommand(output: Output): Command {
  return jobCommand(
    "history",
    "Write features as they stood: for each row of a file the newest values that are not later than its moment",
    "features history --entities films.csv --features film_metadata,director_track_record:director_mean --out joined.parquet",
  )
    .requiredOption(
      "--entities <file>",
      ".csv or .parquet with tmdb_id, event_timestamp (or as_of), and any other columns",
    )
    .requiredOption(
      "--features <list>",
      `VIEW:COLUMN, whole VIEWs or a feature service (${Object.keys(SERVICES).join(", ")}), with commas between`,
      parseFeatures,
    )
    .requiredOption("--out <file>", ".csv or .parquet: the same rows in their order, with the features")
    .option("--dataset <hash>", "another than the latest, by the first digits that `features datasets` prints")
    .action((flags: HistoryFlags) =>
      runJob(output, { command: "features history", flags }, (job) => writeHistory(job.context, flags)),
    );
}

function parseFeatures(text: string): string[] {
  return text
    .split(",")
    .map((reference) => reference.trim())
    .filter((reference) => reference !== "");
}

/** @throws DATASET_UNKNOWN, FEATURE_UNKNOWN, REQUEST_INVALID */
export async function writeHistory(
  context: Pick<Job["context"], "database" | "objectStore" | "cacheFolder">,
  { entities, features, out, dataset: digits = "" }: Pick<HistoryFlags, "entities" | "features" | "out" | "dataset">,
): Promise<JobOutcome> {
  const { hash } = chosen(await listDatasets(context.database, SEARCHED_DATASETS), digits);
  const dataset = await createOfflineStore(context).open(hash);
  const request = { entities, features, services: SERVICES, out };
  const { rows, columns } = await historicalFile(dataset, request).finally(() => dataset.close());
  return {
    ...{ rowsIn: rows, rowsOut: rows, detail: { dataset: hash, columns, out }, text: "" },
    changed: `${count(columns)} features of dataset ${hash.slice(0, 12)} in ${out}`,
  };
}

function chosen(datasets: readonly DatasetRecord[], digits: string): DatasetRecord {
  const [found, ...others] =
    digits === "" ? datasets.slice(0, 1) : datasets.filter(({ hash }) => hash.startsWith(digits));
  if (found && others.length === 0) return found;
  const why =
    digits === ""
      ? "No features have been built yet"
      : `${others.length === 0 ? "No" : "More than one"} feature dataset begins with ${digits}`;
  throw new MarqueeError("DATASET_UNKNOWN", `${why}. What there is: npm run marquee -- features datasets`);
}
