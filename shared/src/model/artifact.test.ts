import { describe, expect, test } from "vitest";
import { isMarqueeError } from "../service/errors.ts";
import { sha256 } from "../service/ids.ts";
import { decodeArtifact, encodeArtifact } from "./artifact.ts";
import { predict } from "./kernel.ts";
import type { Manifest } from "./manifest.ts";
import { madeUpModel, madeUpRow } from "./testing/made-up-model.ts";

const encoded = encodeArtifact(madeUpModel());

/** The manifest with a change made to it, as bytes. */
function changed(change: (manifest: Manifest) => void): Uint8Array {
  const manifest = JSON.parse(new TextDecoder().decode(encoded.manifest));
  change(manifest);
  return new TextEncoder().encode(JSON.stringify(manifest));
}

function refusal(manifest: Uint8Array, weights: Uint8Array = encoded.weights, expected?: string): string {
  try {
    decodeArtifact(manifest, weights, expected);
  } catch (error) {
    if (isMarqueeError(error, "ARTIFACT_INVALID")) return error.message;
    throw error;
  }
  return "no refusal";
}

/** Weights with their hash and length set right in the manifest, so that only their content is in question. */
function withWeights(weights: Uint8Array, change: (manifest: Manifest) => void = () => {}): string {
  const manifest = changed((m) => {
    Object.assign(m, { weights: { bytes: weights.length, sha256: sha256(weights) } });
    change(m);
  });
  return refusal(manifest, weights);
}

describe("an artifact", () => {
  test("comes back as it was, unknown values of golden rows included", () => {
    const model = madeUpModel();
    const decoded = decodeArtifact(encoded.manifest, encoded.weights, encoded.sha256);
    expect(decoded.manifest).toEqual(model.manifest);
    expect(decoded.weights).toEqual(model.weights);
    expect(decoded.manifest.goldenRows.some(({ values }) => values.includes(null))).toBe(true);
    for (let i = 0; i < 20; i++) expect(predict(decoded, madeUpRow(i))).toEqual(predict(model, madeUpRow(i)));
  });

  test("has the same bytes each time it is encoded, after a round trip too", () => {
    const again = encodeArtifact(decodeArtifact(encoded.manifest, encoded.weights));
    expect(again.sha256).toBe(encoded.sha256);
    expect(again.manifest).toEqual(encoded.manifest);
    expect(again.weights).toEqual(encoded.weights);
  });

  test("is read from a window on a larger buffer, such as a pooled read", () => {
    const pooled = new Uint8Array(encoded.weights.length + 3);
    pooled.set(encoded.weights, 3);
    expect(decodeArtifact(encoded.manifest, pooled.subarray(3)).weights).toEqual(madeUpModel().weights);
  });
});

describe("an artifact is refused, and what is wrong is named", () => {
  const flipped = Uint8Array.from(encoded.weights, (byte, i) => (i === 10 ? byte ^ 1 : byte));
  const infinite = encoded.weights.slice();
  new DataView(infinite.buffer).setFloat32(0, Number.POSITIVE_INFINITY, true);
  const cases: [string, () => string, string][] = [
    [
      "a manifest other than the registered one",
      () => refusal(encoded.manifest, encoded.weights, "f".repeat(64)),
      "registered hash",
    ],
    ["a manifest that is not JSON", () => refusal(new TextEncoder().encode("{")), "not JSON"],
    ["a newer format", () => refusal(changed((m) => Object.assign(m, { format: 2 }))), "format 2"],
    ["an unknown key", () => refusal(changed((m) => Object.assign(m, { extra: 1 }))), "extra"],
    ["a key that is missing", () => refusal(changed((m) => Object.assign(m, { scaler: undefined }))), "scaler"],
    ["a scale of 0", () => refusal(changed((m) => Object.assign(m.scaler.scale, { 1: 0 }))), "scale"],
    [
      "an unknown feature group",
      () => refusal(changed((m) => Object.assign(m.columns[0]!, { group: "weather" }))),
      "group",
    ],
    ["weights cut short", () => refusal(encoded.manifest, encoded.weights.subarray(4)), "bytes"],
    ["one bit of the weights", () => refusal(encoded.manifest, flipped), "its manifest's hash"],
    ["a length that is no number of floats", () => withWeights(encoded.weights.subarray(1)), "no number of floats"],
    ["weights for other layers", () => withWeights(encoded.weights.subarray(4)), "its layers need"],
    ["weights that are not finite", () => withWeights(infinite), "not finite"],
    ["a column too few", () => withWeights(encoded.weights, (m) => void m.columns.pop()), "6 columns"],
    ["a mean too few", () => refusal(changed((m) => void m.scaler.mean.pop())), "6 means"],
    ["a scale too few", () => refusal(changed((m) => void m.scaler.scale.pop())), "6 scales"],
    [
      "a target that is no column",
      () => refusal(changed((m) => Object.assign(m.target, { minus: "tides" }))),
      "no column tides",
    ],
    ["a short golden row", () => refusal(changed((m) => void m.goldenRows[0]!.values.pop())), "golden row"],
  ];
  test.each(cases)("%s", (_what, refuse, said) => {
    expect(refuse()).toContain(said);
  });
});
