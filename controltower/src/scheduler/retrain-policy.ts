import type { RetrainCode } from "@marquee/shared/contracts/retrain-decision";

/** An alert with this label asks for a retrain. */
export const RETRAIN_LABEL = { name: "action", value: "retrain" } as const;

/** Alerts that say that the champion's error was measured to have grown. */
const DECAY_ALERTS: ReadonlySet<string> = new Set(["LiveErrorHigh"]);

const DAY_MS = 86_400_000;

/** Bounds that keep alerts from training all the time. */
export interface RetrainSettings {
  /** In any 24 hours. */
  maxPerDay: number;
  /** Since the end of the last training run, whoever asked for it. */
  coolDownSeconds: number;
  /** Mature ratings that the champion was not trained on; with measured decay one is enough. */
  minNewRatings: number;
}

export interface RetrainHistory {
  /** Whether this alert, by fingerprint and start, was acted upon already. */
  actedUpon: boolean;
  /** A training run that is queued or running. */
  runningRunId: string | undefined;
  /** When alerts were acted upon; older ones than a day do not matter. */
  acceptedAt: readonly Date[];
  lastTrainingEndedAt: Date | undefined;
  /** Films with a mature rating now, less those that the champion was trained on. */
  newMatureRatings: number;
}

export interface RetrainCase {
  now: Date;
  alertName: string;
  history: RetrainHistory;
  settings: RetrainSettings;
}

export interface RetrainAnswer {
  accepted: boolean;
  code: RetrainCode;
  /** A sentence with its figures. */
  reason: string;
}

/**
 * Whether a firing alert that asks for a retrain gets one: once per alert, never two at a time, not too often, and only
 * where new ratings can make another model. The same data gives the same model, so even measured decay needs one.
 */
export function decideRetrain({ now, alertName, history, settings }: RetrainCase): RetrainAnswer {
  const { newMatureRatings } = history;
  const decayed = DECAY_ALERTS.has(alertName);
  const refusal =
    refuseRepeats(history) ?? refuseTooOften(now, history, settings) ?? refuseOldData(decayed, history, settings);
  if (refusal) return refusal;
  const why = decayed ? "The champion's live error has grown." : `${alertName} asks for it.`;
  return { accepted: true, code: "ACCEPTED", reason: `${why} ${thereAre(newMatureRatings)}.` };
}

function refuseRepeats({ actedUpon, runningRunId }: RetrainHistory): RetrainAnswer | undefined {
  if (actedUpon) return refused("ALREADY_ACTED_UPON", "This alert was acted upon already.");
  if (runningRunId) return refused("ALREADY_RUNNING", `Training run ${runningRunId} has not ended yet.`);
  return undefined;
}

function refuseTooOften(now: Date, history: RetrainHistory, settings: RetrainSettings): RetrainAnswer | undefined {
  const today = history.acceptedAt.filter((at) => now.getTime() - at.getTime() < DAY_MS).length;
  if (today >= settings.maxPerDay) {
    return refused(
      "TOO_MANY_TODAY",
      `${today} alerts were acted upon in the last 24 hours; at most ${settings.maxPerDay} are.`,
    );
  }
  const ended = history.lastTrainingEndedAt;
  const seconds = ended === undefined ? Number.POSITIVE_INFINITY : (now.getTime() - ended.getTime()) / 1_000;
  if (seconds >= settings.coolDownSeconds) return undefined;
  return refused(
    "COOLING_DOWN",
    `The last training run ended ${Math.floor(seconds)} seconds ago; ${settings.coolDownSeconds} have to pass.`,
  );
}

function refuseOldData(
  decayed: boolean,
  { newMatureRatings }: RetrainHistory,
  { minNewRatings }: RetrainSettings,
): RetrainAnswer | undefined {
  if (newMatureRatings < 1) {
    return refused("NO_NEW_RATINGS", "There are no new mature ratings: the same data would give the same model.");
  }
  if (decayed || newMatureRatings >= minNewRatings) return undefined;
  return refused(
    "TOO_FEW_NEW_RATINGS",
    `${thereAre(newMatureRatings)}; without measured decay ${minNewRatings} are needed.`,
  );
}

function refused(code: RetrainCode, reason: string): RetrainAnswer {
  return { accepted: false, code, reason };
}

function thereAre(count: number): string {
  return count === 1 ? "There is 1 new mature rating" : `There are ${count} new mature ratings`;
}
