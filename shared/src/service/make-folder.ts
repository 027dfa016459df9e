import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { MarqueeError, systemCode } from "./errors.ts";

/**
 * Makes a folder and those above it. Node's own way of doing so goes on for ever below /proc, where a folder that is
 * there denies that it is when another is to be made in it.
 * @throws FOLDER_UNUSABLE there, and where a file has the name; what the system throws, which `explain` knows
 */
export function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  try {
    mkdirSync(path);
  } catch (error) {
    const code = systemCode(error);
    // Made by another process in the meantime.
    if (code === "EEXIST" && statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
    if (code !== "EEXIST" && code !== "ENOENT") throw error;
    const why = code === "EEXIST" ? "a file has that name" : `${parent} takes none`;
    throw new MarqueeError(
      "FOLDER_UNUSABLE",
      `The folder ${path} cannot be made: ${why}. Choose another folder with --home DIR.`,
      { cause: error },
    );
  }
}
