import type { Readable } from "node:stream";
import { MarqueeError, systemCode } from "@marquee/shared/service/errors";
import { unzipped } from "../archive/hash-stream.ts";

/**
 * The text of one of IMDb's gzipped files in chunks, cut anywhere.
 * @throws SOURCE_BODY_INVALID where the gzip stream ends early or is damaged; what `gzipped` throws, as it came
 */
export async function* gunzipped(gzipped: Readable): AsyncGenerator<Buffer> {
  try {
    yield* unzipped(gzipped) as AsyncIterable<Buffer>;
  } catch (error) {
    if (!systemCode(error).startsWith("Z_")) throw error;
    throw new MarqueeError(
      "SOURCE_BODY_INVALID",
      "IMDb's file is not whole: its gzip stream ends early or is damaged.",
      { cause: error },
    );
  }
}
