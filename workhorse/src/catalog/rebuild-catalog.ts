import type { Database } from "@marquee/shared/backing/postgres/database";
import type { TaskResult } from "@marquee/shared/contracts/tasks";
import type { Archive } from "../archive/archive.ts";
import { catalogHash } from "./catalog-hash.ts";
import type { LoadContext } from "./imdb-gated-load.ts";
import { loadCatalog } from "./load-catalog.ts";
import { createShadow, dropShadow, takeOverShadow } from "./shadow-catalog.ts";

/**
 * Makes the catalog anew from the archive alone, beside the one in use, and takes its place when it is whole; needs the
 * room of a second catalog meanwhile. The product may run: until then everybody reads the old one, and after an
 * interruption too. No other load may run at the same time: call it as the work of the step `catalog`. Files that the
 * quality gate refused stay refused.
 * @returns loadCatalog's result of the new one; its detail also has `hashBefore`, `equal` and `changedRows`
 */
export async function rebuildCatalog(context: LoadContext, archive: Archive): Promise<TaskResult> {
  const { database } = context;
  const hashBefore = await catalogHash(database);
  const shadow = await createShadow(database);
  try {
    await takeJudgements(shadow);
    // Without a run's id no figures are kept: they are those of the loads that were.
    const { runId: _, ...unjudged } = context;
    const result = await loadCatalog({ ...unjudged, database: shadow }, archive);
    context.signal.throwIfAborted();
    const changedRows = await takeOverShadow(database);
    const equal = result.detail.hash === hashBefore;
    return { ...result, detail: { ...result.detail, hashBefore, equal, changedRows } };
  } finally {
    await dropShadow(database).catch((cause: unknown) =>
      context.log.warn({ err: cause }, "could not drop what the rebuild used; the next one does"),
    );
  }
}

/** What was decided of files before: those refused stay so, and what a person accepted is not asked again. */
async function takeJudgements(shadow: Database): Promise<void> {
  await shadow.execute("insert into archive_loads select * from public.archive_loads where status = 'refused'");
  await shadow.execute(
    `insert into quality_checks select c.* from public.quality_checks c
     where c.verdict = 'stop' and exists (select from quality_acceptances a where a.run_id = c.run_id)`,
  );
}
