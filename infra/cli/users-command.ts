import { createInterface } from "node:readline/promises";
import { userIdSchema } from "@marquee/shared/contracts/user-event";
import { MarqueeError } from "@marquee/shared/service/errors";
import type { Backups } from "@marquee/workhorse/backup/backup-context";
import { openBackups } from "@marquee/workhorse/backup/open-backups";
import { eraseUser, planErasure } from "@marquee/workhorse/data-rights/erase-user";
import { type AgingPlace, whatAgesOut } from "@marquee/workhorse/data-rights/what-ages-out";
import { Command, InvalidArgumentError } from "commander";
import { type Job, type OpenJobOptions, openJob } from "./open-job.ts";
import type { Output } from "./program.ts";
import { type CommonFlags, type JobOutcome, jobCommand, runOn, Stopped } from "./run-job.ts";
import { textTable } from "./text-table.ts";

interface EraseFlags extends CommonFlags {
  dryRun?: boolean;
  yes?: boolean;
}

/** Whom to ask whether it is meant; undefined where nobody sits there. */
export type Ask = ((question: string) => Promise<string>) | undefined;

/** @param ask on the terminal that this process was started from, unless given */
export function usersCommand(output: Output, ask: Ask = askOnTerminal()): Command {
  const erase = jobCommand(
    "erase",
    "Remove one user everywhere that we hold anything of this user, and store nothing of this user from now on",
    "users erase u-7f3a --dry-run",
  )
    .argument("<id>", "the pseudonymous id, as in the user's events", parseUserId)
    .option("--dry-run", "only say what would be removed")
    .option("--yes", "do not ask; needed where nobody can answer")
    .action(async (id: string, flags: EraseFlags) => {
      // Asked before anything is opened.
      const open = async (options: OpenJobOptions) => {
        if (!flags.dryRun && !flags.yes) await confirm(ask);
        return openJob(options);
      };
      await runOn(open, output, { command: "users erase", flags }, async (job) =>
        eraseOn(job, await openBackups(job.options, job.context.objectStore), { id, dryRun: flags.dryRun === true }),
      );
    });
  return new Command("users").description("What is held of our own users").addCommand(erase);
}

function askOnTerminal(): Ask {
  if (!process.stdin.isTTY) return undefined;
  return async (question) => {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    return terminal
      .question(question)
      .catch((error: unknown) => {
        // Ctrl-C and Ctrl-D, which on a terminal that reads a line are no signals.
        if (error instanceof Error && error.name === "AbortError") throw new Stopped(130, "Nothing was erased.");
        throw error;
      })
      .finally(() => terminal.close());
  };
}

function parseUserId(text: string): string {
  const id = userIdSchema.safeParse(text);
  if (!id.success) throw new InvalidArgumentError("It must be 1 to 64 letters, digits, - or _: a pseudonym.");
  return id.data;
}

/** @throws USAGE where nobody can answer, or the answer is no */
async function confirm(ask: Ask): Promise<void> {
  if (ask === undefined) {
    throw new MarqueeError("USAGE", "Erasing cannot be undone: add --yes, or --dry-run to see what would be removed.");
  }
  if ((await ask("Erase this user for good? Type yes: ")).trim() !== "yes") {
    throw new MarqueeError("USAGE", "Nothing was erased: the answer was not yes.");
  }
}

/** What `users erase` does on an opened job. The answer names the user by the hash alone. */
export async function eraseOn(
  { context, options }: Pick<Job, "context" | "options">,
  backups: Backups,
  { id, dryRun }: { id: string; dryRun: boolean },
): Promise<JobOutcome> {
  const { database, objectStore, clock, log } = context;
  const noteStores = new Set([objectStore, backups.store]);
  const { userHash, removed } = await (dryRun
    ? planErasure({ database }, id)
    : eraseUser({ database, noteStores, clock }, id));
  const { KAFKA_BROKERS, EVENTS_TOPIC_RETENTION_DAYS: live, DEAD_TOPICS_RETENTION_DAYS: dead } = options;
  const agesOut = whatAgesOut({ kafka: KAFKA_BROKERS === undefined ? undefined : { live, dead }, keep: backups.keep });
  const rows = Object.values(removed).reduce((sum, count) => sum + count, 0);
  if (!dryRun) log.info({ userHash, removed }, "a user was erased");
  return {
    rowsIn: rows,
    rowsOut: dryRun ? rows : 0,
    detail: { userHash, dryRun, removed, agesOut },
    text: [
      textTable(["place", dryRun ? "would be removed" : "removed"], Object.entries(removed)),
      ...(rows === 0 ? [`Nothing is ${dryRun ? "held" : "left"} of this user.`] : []),
      "",
      "What cannot be taken out, and goes by itself:",
      ...agesOut.map(agingLine),
    ].join("\n"),
    changed: dryRun ? "nothing changed: a dry run" : "what comes of this user from now on is not stored",
  };
}

function agingLine({ place, days, note }: AgingPlace): string {
  return `  ${place}: ${days === null ? "" : `at most ${days} days; `}${note}`;
}
