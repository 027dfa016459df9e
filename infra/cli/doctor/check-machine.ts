import { accessSync, constants, statfsSync } from "node:fs";
import { makeFolder } from "@marquee/shared/service/make-folder";
import { note, ok, type Verdict, wrong } from "./finding.ts";

/** Type erasure without flags came with Node 24. */
const MIN_NODE = 24;
/** The sample needs a tenth of it; a crawl of TMDB's films with 50 votes about all of it. */
const MIN_FREE_BYTES = 2_000_000_000;

export function checkNode(): Verdict {
  const major = Number(process.versions.node.split(".")[0]);
  return major >= MIN_NODE
    ? ok(process.version)
    : wrong(`${process.version}: run it through npm, which uses the Node ${MIN_NODE} of npm ci.`);
}

export function checkFolder(folder: string): Verdict {
  makeFolder(folder);
  accessSync(folder, constants.W_OK);
  const { bavail, bsize } = statfsSync(folder);
  const free = `${((bavail * bsize) / 1e9).toFixed(1)} GB free in ${folder}`;
  return bavail * bsize < MIN_FREE_BYTES ? note(`only ${free}`) : ok(free);
}
