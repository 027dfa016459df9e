import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import { decodeArtifact } from "@marquee/shared/model/artifact";
import { checkGoldenRows } from "@marquee/shared/model/golden-rows";
import type { RatingModel } from "@marquee/shared/model/rating-model";
import { artifactKeyOf } from "./artifact-key.ts";

/** @throws OBJECT_NOT_FOUND, ARTIFACT_INVALID */
export async function loadArtifact(objectStore: ObjectStore, artifactSha256: string): Promise<RatingModel> {
  const key = artifactKeyOf(artifactSha256);
  const [manifest, weights] = await Promise.all([
    objectStore.get(`${key}/manifest.json`),
    objectStore.get(`${key}/weights.bin`),
  ]);
  const model = decodeArtifact(manifest, weights, artifactSha256);
  checkGoldenRows(model);
  return model;
}
