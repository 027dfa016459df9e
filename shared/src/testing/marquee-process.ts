import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));

/** A process of the product, as a user starts it, with everything that it prints. */
export interface MarqueeProcess {
  readonly output: string;
  /** Resolves with the first match once it is printed. @throws when the process ends without it */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  signal(signal: NodeJS.Signals): void;
  /** Exit code, or the signal's name. */
  ended(): Promise<number | string>;
}

/** @param args script and arguments, the script relative to the repository, e.g. `infra/local/main.ts` */
export function startProcess(args: readonly string[], variables: Record<string, string> = {}): MarqueeProcess {
  const [script = "", ...rest] = args;
  const child = spawn(process.execPath, [`${REPOSITORY}${script}`, ...rest], {
    cwd: REPOSITORY,
    // Only what is given: settings of whoever runs the tests are none of theirs.
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR, ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return watch(child);
}

function watch(child: ChildProcess): MarqueeProcess {
  let output = "";
  const waiting = new Set<() => void>();
  const exit = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  let over = false;
  const tell = () => {
    for (const look of waiting) look();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      tell();
    });
  }
  void exit.then(() => {
    over = true;
    tell();
  });
  return {
    get output() {
      return output;
    },
    printed: (pattern) => {
      const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
      const look = () => {
        const match = pattern.exec(output);
        if (match) resolve(match);
        else if (over) reject(new TypeError(`the process ended without printing ${pattern}:\n${output}`));
      };
      waiting.add(look);
      look();
      return promise.finally(() => waiting.delete(look));
    },
    signal: (signal) => {
      child.kill(signal);
    },
    ended: async () => {
      const [code, signal] = await exit;
      return code ?? signal ?? 0;
    },
  };
}
