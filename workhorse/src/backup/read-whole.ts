import { errorMessage, isMarqueeError, MarqueeError, systemCode } from "@marquee/shared/service/errors";

export function damaged(key: string, what: string, cause?: unknown): MarqueeError {
  return new MarqueeError(
    "BACKUP_DAMAGED",
    `The backup's object ${key} ${what}. Use an earlier backup, or a later one.`,
    { cause },
  );
}

/**
 * Reads an object of a backup; one that is gone, or that cannot be unpacked, is damage of the backup.
 * @throws BACKUP_DAMAGED; anything else that `read` throws
 */
export async function readWhole<T>(key: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (isMarqueeError(error, "OBJECT_NOT_FOUND")) throw damaged(key, "is not there", error);
    if (systemCode(error).startsWith("Z_")) throw damaged(key, `cannot be unpacked (${errorMessage(error)})`, error);
    throw error;
  }
}
