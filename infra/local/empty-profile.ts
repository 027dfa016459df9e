import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Profile } from "./profile.ts";

/** What this process itself has open in the folder. */
const IN_USE = new Set(["lock", "marquee.log"]);

/** Forgets what the profile has: database, archive, models. The folder must be locked. */
export function emptyProfile({ folder }: Profile): void {
  for (const name of readdirSync(folder)) {
    if (!IN_USE.has(name)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}
