import { z } from "zod";
import { MarqueeError } from "../service/errors.ts";
import { canonicalJson, sha256 } from "../service/ids.ts";
import { ARTIFACT_FORMAT, type Manifest, manifestSchema } from "./manifest.ts";
import { createRatingModel, type RatingModel, weightBytes } from "./rating-model.ts";

/** A model as it is stored: manifest.json and weights.bin. */
export interface EncodedArtifact {
  manifest: Uint8Array;
  weights: Uint8Array;
  /** The manifest's hash, which holds the weights' hash: the model's identity. */
  sha256: string;
}

/** Equal models have equal bytes. */
export function encodeArtifact(model: RatingModel): EncodedArtifact {
  const manifest = new TextEncoder().encode(canonicalJson(model.manifest));
  return { manifest, weights: weightBytes(model.weights), sha256: sha256(manifest) };
}

/**
 * Reads what encodeArtifact wrote.
 * @param expectedSha256 the identity under which the artifact was registered, where there is one
 * @throws MarqueeError ARTIFACT_INVALID that names what is wrong: hash, form, lengths or numbers
 */
export function decodeArtifact(manifest: Uint8Array, weights: Uint8Array, expectedSha256?: string): RatingModel {
  const parsed = decodeManifest(manifest, expectedSha256);
  if (weights.length !== parsed.weights.bytes) {
    throw invalid(`weights.bin has ${weights.length} bytes, and its manifest says ${parsed.weights.bytes}`);
  }
  if (sha256(weights) !== parsed.weights.sha256) throw invalid("weights.bin does not have its manifest's hash");
  if (weights.length % 4 !== 0) throw invalid(`weights.bin has ${weights.length} bytes, which is no number of floats`);
  return createRatingModel(parsed, floatsOf(weights));
}

/**
 * Reads manifest.json alone, for who wants to know of a model and not predict with it.
 * @throws ARTIFACT_INVALID that names what is wrong: hash or form
 */
export function decodeManifest(manifest: Uint8Array, expectedSha256?: string): Manifest {
  if (expectedSha256 !== undefined && sha256(manifest) !== expectedSha256) {
    throw invalid(`manifest.json does not have the registered hash ${expectedSha256}`);
  }
  return parseManifest(manifest);
}

function parseManifest(bytes: Uint8Array): Manifest {
  const json = parseJson(bytes);
  const format = z.object({ format: z.int() }).safeParse(json);
  if (format.success && format.data.format !== ARTIFACT_FORMAT) {
    throw invalid(`manifest.json has format ${format.data.format}, and this release reads format ${ARTIFACT_FORMAT}`);
  }
  const manifest = manifestSchema.safeParse(json);
  if (!manifest.success) {
    throw invalid(`manifest.json does not have its form: ${z.prettifyError(manifest.error)}`, manifest.error);
  }
  return manifest.data;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw invalid("manifest.json is not JSON", error);
  }
}

function floatsOf(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(i * 4, true));
}

function invalid(what: string, cause?: unknown): MarqueeError {
  return new MarqueeError("ARTIFACT_INVALID", `The model artifact is not usable: ${what}.`, { cause });
}
