import type { DestinationStream } from "pino";

/** Lines kept until somebody takes them: those of a process's first moments. */
const MAX_WAITING = 1_000;

/** Hands log lines on to whoever is there later: the logger is made first, the bus that carries its lines after. */
export interface LogRelay {
  readonly stream: DestinationStream;
  /** From now on `take` gets each line, first those that have waited. */
  relayTo(take: (line: string) => void): void;
}

export function createLogRelay(): LogRelay {
  let waiting: string[] = [];
  let taker: ((line: string) => void) | undefined;
  return {
    stream: {
      write: (line) => {
        if (taker) taker(line);
        else if (waiting.length < MAX_WAITING) waiting.push(line);
      },
    },
    relayTo: (take) => {
      for (const line of waiting) take(line);
      waiting = [];
      taker = take;
    },
  };
}
