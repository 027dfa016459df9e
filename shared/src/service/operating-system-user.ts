import { hostname, userInfo } from "node:os";

/** Who runs this process, as `kim@laptop`; by number where the operating system has no name for the user. */
export function operatingSystemUser(): string {
  return `${userName()}@${hostname()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // Containers run as numbers that are in no list of users.
    return `user ${process.getuid?.() ?? "unknown"}`;
  }
}
