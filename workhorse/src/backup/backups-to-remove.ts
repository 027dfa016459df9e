/** How many days, weeks and months keep a backup, counted among those that have one. */
export interface BackupKeep {
  daily: number;
  weekly: number;
  monthly: number;
}

export interface KnownBackup {
  name: string;
  begunAt: Date;
  /** `unreadable`: it has a manifest, but none that this release reads; perhaps a later one does. */
  state: "good" | "unfinished" | "unreadable";
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** No backup takes longer: what is unfinished after it was killed. */
const UNFINISHED_KEPT_MS = 2 * DAY_MS;
/** One that is taken once something has gone wrong does not push out the one of hours before. */
const ALL_KEPT_MS = DAY_MS;
/** 1970-01-01 was a Thursday: so much later weeks begin on Mondays. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

/**
 * Which backups are to go. Of the good ones stay the newest of each of the last days, weeks and months (UTC) that have
 * one, those of the last 24 hours, and always the newest of all. Unfinished ones go once they are older than two days, unreadable ones never.
 * @returns names, the oldest first
 */
export function backupsToRemove(backups: readonly KnownBackup[], now: Date, keep: BackupKeep): string[] {
  const newestFirst = backups.toSorted((a, b) => b.begunAt.getTime() - a.begunAt.getTime());
  const good = newestFirst.filter(({ state }) => state === "good");
  const kept = new Set([
    ...good.slice(0, 1),
    ...good.filter(({ begunAt }) => now.getTime() - begunAt.getTime() < ALL_KEPT_MS),
    ...newestOfEach(good, dayOf, keep.daily),
    ...newestOfEach(good, weekOf, keep.weekly),
    ...newestOfEach(good, monthOf, keep.monthly),
  ]);
  return newestFirst
    .filter((backup) => {
      if (backup.state === "unfinished") return now.getTime() - backup.begunAt.getTime() > UNFINISHED_KEPT_MS;
      return backup.state === "good" && !kept.has(backup);
    })
    .map(({ name }) => name)
    .reverse();
}

/** @param newestFirst of which the first of each span is the newest */
function newestOfEach(
  newestFirst: readonly KnownBackup[],
  spanOf: (moment: Date) => string | number,
  spans: number,
): KnownBackup[] {
  const newest = new Map<string | number, KnownBackup>();
  for (const backup of newestFirst) {
    const span = spanOf(backup.begunAt);
    if (!newest.has(span)) newest.set(span, backup);
  }
  return [...newest.values()].slice(0, spans);
}

const dayOf = (moment: Date) => Math.floor(moment.getTime() / DAY_MS);
const weekOf = (moment: Date) => Math.floor((moment.getTime() - FIRST_MONDAY_MS) / (7 * DAY_MS));
const monthOf = (moment: Date) => moment.toISOString().slice(0, 7);
