import { MarqueeError } from "@marquee/shared/service/errors";
import { type ListedManifest, type ManifestKeyParts, REPAIR_ADVICE, readManifestKey } from "./manifest.ts";

/** Damaged fetches that the error's message names; its details name all. */
const NAMED = 50;

/** A fetch whose object is damaged or missing, or whose manifest cannot be read. */
export interface Damage extends ManifestKeyParts {
  /** The manifest's. */
  key: string;
  code: "OBJECT_CORRUPT" | "OBJECT_NOT_FOUND";
  /** Which fetch, and what is wrong with it. */
  message: string;
  /** When the source says that it changed last, ISO 8601; undefined where its manifest cannot be read. */
  observedAt: string | undefined;
}

/** @param listed undefined where the manifest itself cannot be read */
export function damageOf(key: string, code: Damage["code"], listed?: ListedManifest): Damage {
  const parts = readManifestKey(key);
  const { objectKey, observedAt } = listed?.manifest ?? {};
  const wrong =
    objectKey === undefined
      ? "its manifest cannot be read"
      : `${objectKey} is ${code === "OBJECT_CORRUPT" ? "damaged" : "missing"}`;
  const message = `${parts.source ?? "no source"} ${parts.name} of ${parts.day}: ${wrong} (${key})`;
  return { ...parts, key, code, message, observedAt };
}

/** One error that names all of them. @param fetches of the archive */
export function damageError(damaged: readonly Damage[], fetches: number): MarqueeError {
  const code = damaged.some((damage) => damage.code === "OBJECT_CORRUPT") ? "OBJECT_CORRUPT" : "OBJECT_NOT_FOUND";
  const named = damaged.slice(0, NAMED).map(({ message }) => `\n- ${message}`);
  const more = damaged.length > NAMED ? `\n- and ${damaged.length - NAMED} more` : "";
  const are = damaged.length === 1 ? "is" : "are";
  return new MarqueeError(
    code,
    `${damaged.length} of ${fetches} fetches of the archive ${are} damaged or missing:${named.join("")}${more}\n${REPAIR_ADVICE}`,
    { details: { damaged } },
  );
}
