import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import { connectDatabase } from "@marquee/shared/backing/postgres/database";
import { systemClock } from "@marquee/shared/service/clock";
import { createLogger } from "@marquee/shared/service/logger";
import { createArchive } from "@marquee/workhorse/archive/archive";
import { createSourceClients } from "@marquee/workhorse/sources/source-clients";
import { collect } from "@marquee/workhorse/tasks/collect";

/** Collects TMDB's films from an address into a folder; to be killed amid that. */
const [url = "", folder = "", address = ""] = process.argv.slice(2);
const log = createLogger("test", "silent");
const { signal } = new AbortController();
const objectStore = createFileObjectStore(folder);
const database = connectDatabase({ url, log });
const sources = createSourceClients(
  {
    TMDB_API_KEY: "key",
    TMDB_BASE_URL: `${address}/3`,
    TMDB_REQUESTS_PER_SECOND: 0,
    TMDB_MIN_VOTES: 0,
    IMDB_BASE_URL: address,
  },
  { clock: systemClock, log, signal },
);
const context = { database, objectStore, clock: systemClock, log, signal, onProgress: () => undefined };
await collect(context, sources, createArchive(objectStore, systemClock), { source: "tmdb" });
await database.close();
