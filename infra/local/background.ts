import { errorMessage, explain, isMarqueeError } from "@marquee/shared/service/errors";
import type { Check } from "@marquee/shared/service/http";
import type { Lifecycle } from "@marquee/shared/service/lifecycle";
import type { Logger } from "@marquee/shared/service/logger";
import type { Reporter } from "./reporter.ts";

/** Something that goes on beside predictions, which do without it. */
export interface BackgroundPart {
  /** In the plural, as it stands in `/ready`: `log lines`, `pipelines`. */
  name: string;
  /** Registers its stop, and returns once it goes on. @returns what `/ready` is to look at from now on */
  start(): Promise<readonly Check[]>;
}

export interface Background {
  /** One for each part, from before its start on. */
  checks: readonly Check[];
  /**
   * Starts one part after the other. One that fails is told in a line and in `/ready`, and the rest goes on.
   * @throws SETTINGS_INVALID, which nothing but another setting mends
   */
  start(): Promise<void>;
}

interface PartState {
  part: BackgroundPart;
  problem: string | undefined;
  checks: readonly Check[];
}

export function createBackground(
  parts: readonly BackgroundPart[],
  context: { log: Logger; lifecycle: Lifecycle; reporter: Reporter },
): Background {
  const states = parts.map((part): PartState => ({ part, problem: "Not begun yet.", checks: [] }));
  return {
    checks: states.map((state) => ({
      name: state.part.name,
      severity: "degraded",
      problem: async () => state.problem ?? (await firstProblem(state.checks)),
    })),
    start: async () => {
      for (const state of states) if (!context.lifecycle.stopping) await start(state, context);
    },
  };
}

async function start(
  state: PartState,
  { log, lifecycle, reporter }: { log: Logger; lifecycle: Lifecycle; reporter: Reporter },
): Promise<void> {
  try {
    state.checks = await state.part.start();
    state.problem = undefined;
  } catch (thrown) {
    // What it needs is being taken away already.
    if (lifecycle.stopping) return;
    const error = explain(thrown);
    if (isMarqueeError(error, "SETTINGS_INVALID")) throw error;
    const { name } = state.part;
    state.problem = errorMessage(error);
    log.error({ err: error, part: name }, "could not be started");
    reporter.line(`  Without ${name}: ${state.problem} Predictions go on; the next start tries again.`);
  }
}

async function firstProblem(checks: readonly Check[]): Promise<string | undefined> {
  for (const check of checks) {
    const problem = await check.problem();
    if (problem !== undefined) return problem;
  }
  return undefined;
}
