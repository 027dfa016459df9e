import { systemClock } from "@marquee/shared/service/clock";
import { isMarqueeError } from "@marquee/shared/service/errors";
import { listen } from "@marquee/shared/service/http";
import { createLifecycle } from "@marquee/shared/service/lifecycle";
import { createLogger } from "@marquee/shared/service/logger";
import { createSandbox } from "./app.ts";
import { HELP, parseCommandLine, type SandboxArguments } from "./command-line.ts";
import { createDatedFilms } from "./dated-films.ts";
import { createEditableFilms } from "./editable-films.ts";
import { loadFilms } from "./load-films.ts";

// The log goes to standard error, so that standard output has the words for people alone.
const log = createLogger("sandbox", "info", process.stderr);
const lifecycle = createLifecycle(log);
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void lifecycle.stop());

try {
  const options = parseCommandLine(process.argv.slice(2));
  if (options.help) console.log(HELP);
  else await serve(options);
} catch (error) {
  console.error(isMarqueeError(error) ? error.message : error);
  process.exitCode = isMarqueeError(error, "USAGE") ? 2 : 1;
  await lifecycle.stop();
}

async function serve({ data, port, host, key, requestsPerSecond, control, start }: SandboxArguments): Promise<void> {
  const all = await loadFilms(data, log);
  const dated = start && (await createDatedFilms({ films: all, start, clock: systemClock }));
  const editable = dated ?? (control ? await createEditableFilms({ films: all, clock: systemClock }) : undefined);
  if (lifecycle.stopping) return;
  const films = editable?.films ?? all;
  const app = createSandbox({
    films,
    apiKey: key,
    ...(requestsPerSecond ? { requestsPerSecond } : {}),
    ...(dated ? { dated } : {}),
    ...(editable ? { editable } : {}),
    log,
  });
  lifecycle.onStop("http", () => app.close());
  const address = `http://${host.includes(":") ? `[${host}]` : host}:${await listen(app, host, port)}`;
  console.log(`The sandbox serves ${films.size} films, ${films.rated} of them rated: ${films.name}.
${films.description}

  TMDB_BASE_URL=${address}/3  TMDB_API_KEY=${key}
  TMDB_EXPORT_URL=${address}/p/exports
  IMDB_BASE_URL=${address}/imdb

Try it:
  curl '${address}/3/discover/movie?api_key=${key}&sort_by=primary_release_date.desc'
  curl -O '${address}/imdb/title.ratings.tsv.gz'${dated ? `\n  curl ${address}/control/clock` : ""}
Ctrl+C stops it.`);
}
