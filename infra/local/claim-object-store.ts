import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import { MarqueeError } from "@marquee/shared/service/errors";
import type { Profile } from "./profile.ts";

const KEY = "profile";

/**
 * Notes in a new object store whose films it holds, as claimDatabase does: two profiles may be given one OBJECT_STORE_URL,
 * or one store for their backups.
 * @param setting that names the store
 * @throws SETTINGS_INVALID when it holds another profile's films: sample and real data must not mix
 */
export async function claimObjectStore(
  objectStore: ObjectStore,
  { name }: Profile,
  setting: "OBJECT_STORE_URL" | "BACKUP_STORE_URL" = "OBJECT_STORE_URL",
): Promise<void> {
  const { stored } = await objectStore.put(KEY, name, { ifAbsent: true });
  if (stored) return;
  const holder = (await objectStore.get(KEY)).toString("utf8");
  if (holder !== name) {
    throw new MarqueeError(
      "SETTINGS_INVALID",
      `${setting} holds the films of the profile ${holder}, this start is for ${name}. Give each a folder or a prefix of its own.`,
    );
  }
}
