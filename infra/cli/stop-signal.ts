/** A signal within this time of the first is its echo (npm passes on the Ctrl-C that the terminal sent us), in milliseconds. */
const SECOND_THOUGHT_MS = 1_000;

const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const;
type StopSignal = keyof typeof SIGNALS;

export interface StopRequest {
  /** Aborted by Ctrl-C or a termination. */
  readonly signal: AbortSignal;
  /** 128 and the signal's number, as shells have it; undefined while there was none. */
  readonly exitCode: number | undefined;
  /** From here on signals end the process again. */
  release(): void;
}

/** Turns the first signal into an abort, so that work ends at its next safe point; a later one ends the process at once. */
export function listenForStop(): StopRequest {
  const abort = new AbortController();
  let exitCode: number | undefined;
  let firstAt = 0;
  const onSignal = (name: StopSignal) => {
    if (exitCode === undefined) {
      exitCode = 128 + SIGNALS[name];
      firstAt = performance.now();
      abort.abort();
    } else if (performance.now() - firstAt > SECOND_THOUGHT_MS) process.exit(exitCode);
  };
  const names = Object.keys(SIGNALS) as StopSignal[];
  for (const name of names) process.on(name, onSignal);
  return {
    signal: abort.signal,
    get exitCode() {
      return exitCode;
    },
    release: () => {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
