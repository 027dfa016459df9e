import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import type { ModelVersion } from "@marquee/shared/contracts/model-version";
import { decodeManifest } from "@marquee/shared/model/artifact";
import type { ReferenceProfile } from "@marquee/shared/model/manifest";

/** How a version's predictions were spread over the films that it was tested on. */
export type ReferencePredictions = (version: ModelVersion) => Promise<ReferenceProfile["predictions"]>;

/**
 * Reads a version's reference from its artifact, once: versions never change.
 * Throws OBJECT_NOT_FOUND, OBJECT_STORE_UNAVAILABLE, ARTIFACT_INVALID; the next call then reads again.
 */
export function createReferencePredictions(objectStore: Pick<ObjectStore, "get">): ReferencePredictions {
  let kept: { sha256: string; predictions: ReferenceProfile["predictions"] } | undefined;
  return async ({ artifactKey, artifactSha256: sha256 }) => {
    if (kept?.sha256 !== sha256) {
      const manifest = decodeManifest(await objectStore.get(`${artifactKey}/manifest.json`), sha256);
      kept = { sha256, predictions: manifest.reference.predictions };
    }
    return kept.predictions;
  };
}
