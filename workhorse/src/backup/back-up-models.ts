import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import type { Queries } from "@marquee/shared/backing/postgres/database";
import { sha256 } from "@marquee/shared/service/ids";
import { artifactKeyOf } from "../tasks/artifact-key.ts";
import type { BackupContext } from "./backup-context.ts";
import { backupKeys } from "./backup-keys.ts";
import type { BackedUpModel } from "./backup-manifest.ts";
import { damaged, readWhole } from "./read-whole.ts";

/**
 * The artifacts that registered versions name: what serves, and its twin that the gate holds candidates against.
 * @returns their identities, each once
 */
export async function registeredArtifacts(database: Queries): Promise<string[]> {
  const rows = await database.query<{ sha256: string }>(
    `select artifact_sha256 as sha256 from model_versions
     union select r.metrics->>'testedSha256' from model_versions join training_runs r using (run_id) where r.metrics ? 'testedSha256'
     order by sha256`,
  );
  return rows.map((row) => row.sha256);
}

/**
 * Copies artifacts beside the backups, each once for all of them. They fit into memory, since serving holds them there.
 * One that is gone is told and left out: the rest is worth as much as before.
 */
export async function backUpModels(
  { objectStore, backups: { store }, log, signal }: BackupContext,
  artifacts: readonly string[],
): Promise<{ models: BackedUpModel[]; missingModels: string[] }> {
  const models: BackedUpModel[] = [];
  const missingModels: string[] = [];
  for (const artifact of artifacts) {
    signal.throwIfAborted();
    const files = await copyFiles(objectStore, store, artifact);
    if (files.length > 0) models.push({ sha256: artifact, files });
    else missingModels.push(artifact);
  }
  if (missingModels.length > 0) log.warn({ missingModels }, "registered models are not in the object store any more");
  return { models, missingModels };
}

async function copyFiles(from: ObjectStore, to: ObjectStore, artifact: string): Promise<BackedUpModel["files"]> {
  const folder = `${artifactKeyOf(artifact)}/`;
  const files: BackedUpModel["files"] = [];
  for await (const { key } of from.list(folder)) {
    const content = await from.get(key);
    const file = { name: key.slice(folder.length), bytes: content.length, sha256: sha256(content) };
    await putUnlessSame(to, backupKeys.model(artifact, file.name), content);
    files.push(file);
  }
  return files;
}

/** @returns whether it was stored: what is there with other bytes is damaged, and replaced */
async function putUnlessSame(store: ObjectStore, key: string, content: Buffer): Promise<boolean> {
  const { stored } = await store.put(key, content, { ifAbsent: true });
  if (stored || sha256(await store.get(key)) === sha256(content)) return stored;
  await store.put(key, content);
  return true;
}

/**
 * Brings the files of a backup's models back that are missing in the object store, or are damaged there.
 * @returns how many files
 * @throws BACKUP_DAMAGED before anything of the model is written
 */
export async function restoreModels(
  { objectStore, backups: { store }, signal }: BackupContext,
  models: readonly BackedUpModel[],
): Promise<number> {
  let restored = 0;
  for (const model of models) {
    signal.throwIfAborted();
    const contents = await readModel(store, model);
    for (const [name, content] of contents) {
      if (await putUnlessSame(objectStore, `${artifactKeyOf(model.sha256)}/${name}`, content)) restored++;
    }
  }
  return restored;
}

/** A model's files by name, whole. @throws BACKUP_DAMAGED */
export async function readModel(store: ObjectStore, model: BackedUpModel): Promise<Map<string, Buffer>> {
  const contents = new Map<string, Buffer>();
  for (const { name, sha256: expected } of model.files) {
    const key = backupKeys.model(model.sha256, name);
    const content = await readWhole(key, () => store.get(key));
    if (sha256(content) !== expected) throw damaged(key, "does not have the hash of its manifest");
    contents.set(name, content);
  }
  return contents;
}
