import { z } from "zod";
import { MODEL_ALIASES, type ModelAlias, modelMetricsSchema } from "../../contracts/model-version.ts";
import { isMarqueeError, MarqueeError } from "../../service/errors.ts";
import type { ObjectStore } from "../object-store/object-store.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import { listRuns, type MlflowRun, nothingSchema, RUN_ID_TAG, tagsOf, unless } from "./mlflow-runs.ts";
import { runUnknown, type TrackedVersion } from "./model-tracking.ts";

/** MLflow numbers versions itself; where its numbers and ours part (one was deleted there), ours stands here. */
const VERSION_TAG = "marquee.version";
const ARTIFACT_TAG = "marquee.artifact_key";
const HASH_TAG = "marquee.artifact_sha256";
const METRICS_TAG = "marquee.metrics";
/** Whether manifest.json lies with the run's artifacts, and if not, why. */
const MANIFEST_TAG = "marquee.manifest";

const VERSIONS_A_PAGE = 1_000;
/** Folder of the run's artifacts that a version points to. */
const MODEL_FOLDER = "model";
const PROXIED = "mlflow-artifacts:/";

const versionSchema = z.object({
  version: z.coerce.number(),
  tags: z.array(z.object({ key: z.string(), value: z.string() })).default([]),
});
const pageSchema = z.object({
  model_versions: z.array(versionSchema).default([]),
  next_page_token: z.string().optional(),
});
const modelSchema = z.object({
  registered_model: z.object({
    aliases: z.array(z.object({ alias: z.string(), version: z.coerce.number() })).default([]),
  }),
});

/** A version of ours and the number that MLflow has given it. */
interface NumberedVersion {
  number: number;
  version: TrackedVersion;
}

/** What is not ours, or was made unreadable in MLflow, is not among them; so the next mirror brings it anew. */
async function numberedVersions(client: MlflowClient, name: string): Promise<NumberedVersion[]> {
  const found: NumberedVersion[] = [];
  let token: string | undefined;
  do {
    const page = await client.get("model-versions/search", pageSchema, {
      filter: `name = '${name.replaceAll("'", "''")}'`,
      max_results: String(VERSIONS_A_PAGE),
      ...(token === undefined ? {} : { page_token: token }),
    });
    for (const { version: number, tags } of page.model_versions) {
      const version = versionOf(name, new Map(tags.map(({ key, value }) => [key, value])));
      if (version) found.push({ number, version });
    }
    token = page.next_page_token;
  } while (token !== undefined && token !== "");
  return found.sort((a, b) => a.number - b.number);
}

function versionOf(name: string, tags: ReadonlyMap<string, string>): TrackedVersion | undefined {
  const metrics = modelMetricsSchema.safeParse(jsonOf(tags.get(METRICS_TAG)));
  const version = Number(tags.get(VERSION_TAG));
  const [runId, artifactKey, sha256] = [RUN_ID_TAG, ARTIFACT_TAG, HASH_TAG].map((tag) => tags.get(tag));
  if (!metrics.success || !(version > 0) || !runId || !artifactKey || !sha256) return undefined;
  return { name, version, runId, artifactKey, sha256, metrics: metrics.data };
}

function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}

/**
 * One entry for each of our numbers. A server that another database was mirrored to before holds a number twice:
 * then the one that came last counts.
 */
async function currentVersions(client: MlflowClient, name: string): Promise<Map<number, NumberedVersion>> {
  const entries = await numberedVersions(client, name);
  return new Map(entries.map((entry) => [entry.version.version, entry]));
}

export async function listVersions(client: MlflowClient, name: string): Promise<TrackedVersion[]> {
  const current = await currentVersions(client, name);
  return [...current.values()].map(({ version }) => version).sort((a, b) => a.version - b.version);
}

export async function recordVersion(
  client: MlflowClient,
  version: TrackedVersion,
  objectStore: ObjectStore | undefined,
): Promise<void> {
  const { name, runId } = version;
  const [run] = await listRuns(client, name, runId);
  if (!run) throw runUnknown(version);
  const known = (await currentVersions(client, name)).get(version.version);
  if (known?.version.runId === runId) return;
  await unless("RESOURCE_ALREADY_EXISTS", client.post("registered-models/create", nothingSchema, { name }));
  const manifest = await showManifest(client, { version, run, objectStore });
  await client.post("model-versions/create", nothingSchema, {
    name,
    source: `runs:/${run.info.run_id}/${MODEL_FOLDER}`,
    run_id: run.info.run_id,
    description: descriptionOf(version),
    tags: tagsOf({
      [VERSION_TAG]: String(version.version),
      [RUN_ID_TAG]: runId,
      [ARTIFACT_TAG]: version.artifactKey,
      [HASH_TAG]: version.sha256,
      [METRICS_TAG]: JSON.stringify(version.metrics),
      [MANIFEST_TAG]: manifest,
    }),
  });
}

function descriptionOf({ metrics: { rmse, testedFilms, testFrom } }: TrackedVersion): string {
  return `RMSE ${rmse.toFixed(3)} on ${testedFilms} films released from ${testFrom}.`;
}

interface ManifestOptions {
  version: TrackedVersion;
  run: MlflowRun;
  objectStore: ObjectStore | undefined;
}

/** Puts manifest.json among the run's artifacts. @returns what became of it, for the version's tag */
async function showManifest(client: MlflowClient, { version, run, objectStore }: ManifestOptions): Promise<string> {
  if (!objectStore) return "not sent";
  const { artifact_uri: place } = run.info;
  // Such a server keeps artifacts where only its own clients may write.
  if (!place.startsWith(PROXIED)) return "the server takes no artifacts";
  try {
    const manifest = await objectStore.get(`${version.artifactKey}/manifest.json`);
    const folder = place.slice(PROXIED.length).replace(/^\/+/, "");
    await client.putArtifact(`${folder}/${MODEL_FOLDER}/manifest.json`, manifest);
    return "sent";
  } catch (error) {
    if (isMarqueeError(error, "OBJECT_NOT_FOUND")) return "not in the object store";
    throw error;
  }
}

export async function setAlias(client: MlflowClient, name: string, alias: ModelAlias, version: number): Promise<void> {
  const entry = (await currentVersions(client, name)).get(version);
  if (!entry) throw new MarqueeError("VERSION_UNKNOWN", `MLflow has no version ${version} of the model ${name}.`);
  await client.post("registered-models/alias", nothingSchema, { name, alias, version: String(entry.number) });
}

/** An alias that was pointed to a version of somebody else's counts as absent. */
export async function aliases(client: MlflowClient, name: string): Promise<Partial<Record<ModelAlias, number>>> {
  const found = await unless("RESOURCE_DOES_NOT_EXIST", client.get("registered-models/get", modelSchema, { name }));
  const entries = found?.registered_model.aliases ?? [];
  if (entries.length === 0) return {};
  const byNumber = new Map(
    [...(await currentVersions(client, name)).values()].map((entry) => [entry.number, entry.version.version]),
  );
  const named = MODEL_ALIASES.flatMap((alias) => {
    const number = entries.find((entry) => entry.alias === alias)?.version;
    const version = number === undefined ? undefined : byNumber.get(number);
    return version === undefined ? [] : [[alias, version] as const];
  });
  return Object.fromEntries(named);
}
