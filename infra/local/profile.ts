import { realpathSync } from "node:fs";
import { join } from "node:path";
import { errorMessage, MarqueeError } from "@marquee/shared/service/errors";
import { sha256 } from "@marquee/shared/service/ids";
import type { LocalOptions } from "./options.ts";

/** Where the films come from. Each profile has a folder of its own, so that sample and real data never mix. */
export interface Profile {
  /** `sample`, `recorded-<hash of the folder>` or `live`. */
  name: string;
  /** Absolute: database, objects, log. */
  folder: string;
  /** The sandbox's data; undefined with the real sources. `{ folder: undefined }` is the sample. */
  sandbox: { folder: string | undefined } | undefined;
}

/** @throws USAGE when the folder given with --data is not there */
export function chooseProfile({ MARQUEE_HOME: home, TMDB_API_KEY: key, dataFolder }: LocalOptions): Profile {
  const profile = (name: string, sandbox: Profile["sandbox"]) => ({ name, folder: join(home, name), sandbox });
  if (dataFolder !== undefined) {
    const real = realFolder(dataFolder);
    return profile(`recorded-${sha256(real).slice(0, 8)}`, { folder: real });
  }
  return key === undefined ? profile("sample", { folder: undefined }) : profile("live", undefined);
}

function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch (error) {
    throw new MarqueeError("USAGE", `--data ${folder} cannot be read (${errorMessage(error)}).`, { cause: error });
  }
}
