import { systemClock } from "@marquee/shared/service/clock";
import { createLogger } from "@marquee/shared/service/logger";
import { createSourceClients } from "@marquee/workhorse/sources/source-clients";
import axios from "axios";
import type { DoctorSettings } from "./doctor-settings.ts";
import { note, ok, type Verdict, wrong } from "./finding.ts";

const TIMEOUT_MS = 5_000;

export async function checkTmdb(settings: DoctorSettings): Promise<Verdict> {
  const { TMDB_API_KEY: apiKey, TMDB_BASE_URL: baseUrl } = settings;
  if (apiKey === undefined)
    return note("no TMDB_API_KEY: the sample is used (a key is free at https://www.themoviedb.org/settings/api)");
  const { tmdb } = createSourceClients(
    { ...settings, TMDB_API_KEY: apiKey },
    { clock: systemClock, log: createLogger("doctor", "silent"), signal: AbortSignal.timeout(TIMEOUT_MS) },
  );
  await tmdb.checkKey();
  return ok(`${new URL(baseUrl).host} accepts the key`);
}

export async function checkImdb({ TMDB_API_KEY: apiKey, IMDB_BASE_URL: baseUrl }: DoctorSettings): Promise<Verdict> {
  if (apiKey === undefined) return note("not asked while the sample is used");
  const { status } = await axios.head(`${baseUrl}/title.ratings.tsv.gz`, {
    timeout: TIMEOUT_MS,
    validateStatus: () => true,
  });
  return status === 200
    ? ok(`${new URL(baseUrl).host} answers`)
    : wrong(`${baseUrl} answered ${status}: check IMDB_BASE_URL.`);
}
