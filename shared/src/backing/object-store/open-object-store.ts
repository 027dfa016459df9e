import { fileURLToPath } from "node:url";
import { errorMessage, MarqueeError } from "../../service/errors.ts";
import { createFileObjectStore } from "./file-object-store.ts";
import type { ObjectStore } from "./object-store.ts";

/**
 * The object store that a URL names: `file:///folder`.
 * @throws SETTINGS_INVALID naming what is accepted
 */
export function openObjectStore(url: string): ObjectStore {
  const problem = problemWith(url);
  if (problem === undefined) return createFileObjectStore(fileURLToPath(url));
  throw new MarqueeError(
    "SETTINGS_INVALID",
    `OBJECT_STORE_URL: accepted is the URL of a folder, such as file:///var/lib/marquee/objects; ${problem}.`,
  );
}

function problemWith(url: string): string | undefined {
  if (!URL.canParse(url)) return "given is no URL";
  const { protocol } = new URL(url);
  if (protocol !== "file:") return `given is one that begins with ${protocol}//`;
  try {
    fileURLToPath(url);
    return undefined;
  } catch (error) {
    return `given is one that names no folder of this machine (${errorMessage(error)})`;
  }
}
