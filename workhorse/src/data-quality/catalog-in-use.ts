import type { Database } from "@marquee/shared/backing/postgres/database";
import { MarqueeError } from "@marquee/shared/service/errors";

/**
 * What is made from the catalog waits while its latest load is stopped. A load that was killed says nothing of what is
 * there, so the one before it counts.
 * @throws QUALITY_STOPPED until a later load passes or a person accepts the stopped one
 */
export async function assertCatalogInUse(database: Database): Promise<void> {
  const [stopped] = await database.query<{ run_id: string }>(
    `select run_id from (
       select r.run_id, r.status from step_runs r
       where r.step = 'catalog'
         and (r.status = 'succeeded' or exists (select from quality_checks c where c.run_id = r.run_id and c.verdict = 'stop'))
       order by r.started_at desc, r.run_id desc limit 1
     ) latest
     where latest.status <> 'succeeded'
       and not exists (select from quality_acceptances a where a.run_id = latest.run_id)`,
  );
  if (!stopped) return;
  throw new MarqueeError(
    "QUALITY_STOPPED",
    `The quality gate stopped the latest load of the catalog, so nothing new is made from it. Look: npm run marquee -- quality show ${stopped.run_id}. Load again once the source is right, or accept it: npm run marquee -- quality accept ${stopped.run_id} --by NAME --reason TEXT`,
  );
}
