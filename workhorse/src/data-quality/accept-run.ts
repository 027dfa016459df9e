import type { Database } from "@marquee/shared/backing/postgres/database";
import { MarqueeError } from "@marquee/shared/service/errors";
import type { TaskContext } from "../tasks/task-context.ts";
import type { Step } from "../tasks/tracked-step.ts";

/**
 * A person's word that a stopped load is right: its figures are the last good ones from now on, what it held back may be
 * used, and the files that it refused are tried again by the next load.
 * @returns the step that the run was of
 * @throws RUN_UNKNOWN where there is no such run; REQUEST_INVALID where nothing of it was stopped, where it is accepted
 *   already, or a name or reason is missing
 */
export async function acceptRun(
  { database, clock }: Pick<TaskContext, "database" | "clock">,
  runId: string,
  by: string,
  reason: string,
): Promise<Step> {
  if (by.trim() === "" || reason.trim() === "") {
    throw new MarqueeError("REQUEST_INVALID", "Who accepts a run (by) and why (reason) must both be said.");
  }
  return database.transaction(async (tx) => {
    const [run] = await tx.query<{ step: Step; stops: number }>(
      `select r.step, (select count(*) from quality_checks c where c.run_id = r.run_id and c.verdict = 'stop')::integer as stops
       from step_runs r where r.run_id = $1`,
      [runId],
    );
    if (!run)
      throw new MarqueeError("RUN_UNKNOWN", `No run ${runId}: npm run marquee -- quality show names the latest.`);
    if (run.stops === 0) {
      throw new MarqueeError("REQUEST_INVALID", `The quality gate has stopped nothing of run ${runId}.`);
    }
    const accepted = await tx.execute(
      `insert into quality_acceptances (run_id, accepted_by, reason, accepted_at) values ($1, $2, $3, $4)
       on conflict (run_id) do nothing`,
      [runId, by.trim(), reason.trim(), clock.now()],
    );
    if (accepted === 0) {
      throw new MarqueeError(
        "REQUEST_INVALID",
        `Run ${runId} is accepted already: npm run marquee -- quality show ${runId} says by whom.`,
      );
    }
    await tx.execute(
      `delete from archive_loads l using step_runs r
       where r.run_id = $1 and l.status = 'refused'
         and l.loaded_at >= r.started_at and l.loaded_at <= coalesce(r.ended_at, $2)`,
      [runId, clock.now()],
    );
    return run.step;
  });
}

/** Whether a person has accepted a load of the catalog since the last one that went well, so that there is more to load. */
export async function isAcceptedSinceLoad(database: Database): Promise<boolean> {
  const [row] = await database.query<{ accepted: boolean }>(
    `select exists (
       select from quality_acceptances a join step_runs r using (run_id)
       where r.step = 'catalog' and a.accepted_at >=
         (select max(l.started_at) from step_runs l where l.step = 'catalog' and l.status = 'succeeded')
     ) as accepted`,
  );
  return row?.accepted ?? false;
}
