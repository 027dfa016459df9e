import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import type { ModelVersion } from "@marquee/shared/contracts/model-version";
import { RATING_VIEWS_HASH } from "@marquee/shared/features/film-views";
import { decodeArtifact } from "@marquee/shared/model/artifact";
import { checkGoldenRows } from "@marquee/shared/model/golden-rows";
import type { RatingModel } from "@marquee/shared/model/rating-model";
import { MarqueeError } from "@marquee/shared/service/errors";

/**
 * Reads a version's artifact and makes sure that it may answer: it is what was registered, it reads the features that
 * this process makes, and on this machine it predicts what training computed.
 * @throws OBJECT_NOT_FOUND; ARTIFACT_INVALID saying which of the checks it failed
 */
export async function loadModel(objectStore: ObjectStore, version: ModelVersion): Promise<RatingModel> {
  const [manifest, weights] = await Promise.all([
    objectStore.get(`${version.artifactKey}/manifest.json`),
    objectStore.get(`${version.artifactKey}/weights.bin`),
  ]);
  const model = decodeArtifact(manifest, weights, version.artifactSha256);
  if (model.manifest.viewsHash !== RATING_VIEWS_HASH) {
    throw new MarqueeError(
      "ARTIFACT_INVALID",
      `The model was trained on feature views ${model.manifest.viewsHash}, and this release computes ${RATING_VIEWS_HASH}. Train again with it.`,
    );
  }
  checkGoldenRows(model);
  return model;
}
