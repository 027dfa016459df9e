import { MarqueeError } from "@marquee/shared/service/errors";
import { benchFeatureServer } from "./feature-server.ts";
import { benchHistoricalJoin } from "./historical-join.ts";
import { benchMaterialize } from "./materialize.ts";
import { materializeOnce } from "./materialize-once.ts";
import { benchRatingsLoad } from "./ratings-load.ts";
import { loadRatingsOnce } from "./ratings-load-once.ts";
import { benchTmdbIngest } from "./tmdb-ingest.ts";

/** What a benchmark found; the last line that it prints. */
export interface BenchResult {
  name: string;
  [figure: string]: string | number;
}

interface Bench {
  /** Left out for what only other benchmarks call. */
  about?: string;
  run(words: readonly string[], print: (line: string) => void): Promise<BenchResult>;
}

const BENCHES: Readonly<Record<string, Bench>> = {
  "ratings-load": {
    about: "IMDb's ratings from the first request to committed rows, against zcat | psql \\copy into a bare table",
    run: (_words, print) => benchRatingsLoad(print),
  },
  "tmdb-ingest": {
    about: "TMDB's films from the first request to typed rows, beside the bare requests",
    run: (_words, print) => benchTmdbIngest(print),
  },
  "feature-server": {
    about: "Online features over HTTP, 20 columns for 1 and 50 entities, beside feast serve over the same Redis",
    run: (_words, print) => benchFeatureServer(print),
  },
  materialize: {
    about: "The newest rows of 100,000 entities × 20 columns from Parquet into Redis, beside Feast's materialize",
    run: (_words, print) => benchMaterialize(print),
  },
  "materialize-once": { run: materializeOnce },
  "historical-join": {
    about: "Features as they stood for 100,000 entities, 20 columns, from Parquet, beside Feast's file store",
    run: (_words, print) => benchHistoricalJoin(print),
  },
  "ratings-load-once": { run: loadRatingsOnce },
};

export const HELP = `npm run bench -- NAME   runs a benchmark; the last line that it prints is one JSON object

${Object.entries(BENCHES)
  .flatMap(([name, { about }]) => (about === undefined ? [] : [`  ${name.padEnd(16)}${about}`]))
  .join("\n")}`;

/** @throws USAGE where there is no benchmark of this name */
export function benchNamed(name: string): Bench {
  const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  if (!bench) throw new MarqueeError("USAGE", `There is no benchmark ${JSON.stringify(name)}.\n${HELP}`);
  return bench;
}
