import { fileURLToPath } from "node:url";
import { errorMessage, MarqueeError } from "../../service/errors.ts";
import { createFileObjectStore } from "./file-object-store.ts";
import type { ObjectStore } from "./object-store.ts";

export interface OpenObjectStoreOptions {
  /** `file:///folder` or `s3://bucket/prefix`. */
  url: string;
  /** The address of an S3-compatible server; Amazon's unless given. */
  endpoint?: string | undefined;
  /** S3's region; where the AWS SDK finds it unless given. */
  region?: string | undefined;
  /** Where the URL comes from, for the error; OBJECT_STORE_URL unless given. */
  setting?: string;
}

/**
 * The object store that a URL names. Nothing is asked of it yet.
 * @throws SETTINGS_INVALID naming what is accepted
 */
export async function openObjectStore({
  url,
  endpoint,
  region,
  setting = "OBJECT_STORE_URL",
}: OpenObjectStoreOptions): Promise<ObjectStore> {
  const problem = problemWith(url);
  if (problem !== undefined) {
    throw new MarqueeError(
      "SETTINGS_INVALID",
      `${setting}: accepted is the URL of a folder, such as file:///var/lib/marquee/objects, or of a bucket, such as s3://bucket/prefix; ${problem}.`,
    );
  }
  const { protocol, host, pathname } = new URL(url);
  if (protocol === "file:") return createFileObjectStore(fileURLToPath(url));
  // The SDK takes a fifth of a second to load and 57 MB to hold: only who keeps objects in S3 pays for it.
  const { createS3ObjectStore } = await import("./s3-object-store.ts");
  const prefix = pathname.replace(/^\/+|\/+$/g, "");
  return createS3ObjectStore({
    bucket: host,
    prefix: prefix === "" ? "" : `${prefix}/`,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
  });
}

function problemWith(url: string): string | undefined {
  if (!URL.canParse(url)) return "given is no URL";
  const { protocol, host, username, search, hash } = new URL(url);
  if (protocol === "s3:") {
    if (username !== "")
      return "given is one with a user: credentials go into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
    return host === "" || search !== "" || hash !== ""
      ? "given is one that names no bucket and prefix alone"
      : undefined;
  }
  if (protocol !== "file:") return `given is one that begins with ${protocol}//`;
  try {
    fileURLToPath(url);
    return undefined;
  } catch (error) {
    return `given is one that names no folder of this machine (${errorMessage(error)})`;
  }
}
