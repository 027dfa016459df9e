import { existsSync, readFileSync, statSync } from "node:fs";
import { MarqueeError } from "../../service/errors.ts";
import { DATABASE_URL_INSTEAD } from "./postgres-binaries.ts";

/** Where util-linux's setpriv lies; the search path may be bare in containers and services. */
const SETPRIV_PATHS = ["/usr/bin/setpriv", "/bin/setpriv", "/usr/sbin/setpriv"];

/** Linux's number for the user and group without rights, where /etc/passwd names none. */
const OVERFLOW_ID = 65_534;

/** Whom PostgreSQL runs as. */
export interface ServerUser {
  /** Set where that is not ourselves: the owner that the data folder must have. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** The command line that runs `file` as that user. */
  command(file: string, args: readonly string[]): { file: string; args: string[] };
}

/**
 * PostgreSQL refuses to run as root. Where we are root it runs as the owner of its data, at first `nobody`, with one
 * capability more than that user has: to pass folders that only root may enter, such as a checkout under /root.
 * @param dataFolder the cluster's data; need not exist yet
 * @throws DATABASE_START_FAILED where we are root and setpriv is missing
 */
export function chooseServerUser(dataFolder: string): ServerUser {
  if (process.getuid?.() !== 0) return { command: (file, args) => ({ file, args: [...args] }) };
  const setpriv = SETPRIV_PATHS.find((path) => existsSync(path));
  if (setpriv === undefined) {
    throw new MarqueeError(
      "DATABASE_START_FAILED",
      "PostgreSQL does not run as root, and setpriv (of the package util-linux), which starts it as another user, is missing. " +
        `Start Marquee as an ordinary user, or install util-linux. ${DATABASE_URL_INSTEAD}`,
    );
  }
  const owner = ownerOf(dataFolder) ?? nobody();
  return { owner, command: (file, args) => ({ file: setpriv, args: [...setprivOptions(owner), file, ...args] }) };
}

function setprivOptions({ uid, gid }: { uid: number; gid: number }): string[] {
  return [
    `--reuid=${uid}`,
    `--regid=${gid}`,
    "--clear-groups",
    "--securebits=+no_setuid_fixup",
    "--inh-caps=-all,+dac_override",
    "--ambient-caps=-all,+dac_override",
    "--bounding-set=-all,+dac_override",
  ];
}

function ownerOf(folder: string): { uid: number; gid: number } | undefined {
  const found = statSync(folder, { throwIfNoEntry: false });
  return found === undefined || found.uid === 0 ? undefined : { uid: found.uid, gid: found.gid };
}

function nobody(): { uid: number; gid: number } {
  const line = /^nobody:[^:]*:(\d+):(\d+):/m.exec(existsSync("/etc/passwd") ? readFileSync("/etc/passwd", "utf8") : "");
  return { uid: Number(line?.[1] ?? OVERFLOW_ID), gid: Number(line?.[2] ?? OVERFLOW_ID) };
}
