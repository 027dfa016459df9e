import { type MarqueeProcess, startProcess } from "@marquee/shared/testing/marquee-process";

/** The product's processes, and the port that each is given. */
export const PROCESSES = {
  "serving-blue": "controltower/src/serving/main.ts",
  "serving-green": "controltower/src/serving/main.ts",
  scheduler: "controltower/src/scheduler/main.ts",
  worker: "workhorse/src/worker/main.ts",
  "feature-server": "workhorse/src/feature-server/main.ts",
  logs: "nervous/src/logs/main.ts",
  events: "nervous/src/events/main.ts",
  quality: "nervous/src/quality/main.ts",
} as const;
export type ProcessName = keyof typeof PROCESSES;
export const PROCESS_NAMES = Object.keys(PROCESSES) as ProcessName[];

/** Of a process that has fallen. */
const LAST_LINES = 20;
/** Every process tells so in its log once it does its work. */
const STARTED = /"msg":"started"/;

export interface ProductOptions {
  ports: Record<ProcessName, number>;
  /** What all of them are given. */
  settings: Record<string, string>;
  /** What one of them is given beside. */
  own: Partial<Record<ProcessName, Record<string, string>>>;
}

export interface Product {
  readonly processes: Record<ProcessName, MarqueeProcess>;
  /** Of processes that have ended though nobody stopped them: name, exit code, their last lines. */
  fallen(): string[];
  /** Ids of all log lines that the processes have printed so far. */
  lineIds(): Set<string>;
  /** SIGTERM to all. @returns each one's exit code, or the signal that ended it */
  stop(): Promise<Record<ProcessName, number | string>>;
  /** SIGKILL to those that still run: for a test that failed. */
  kill(): Promise<void>;
}

/** Starts every process of the product, and resolves once each has started. */
export async function startProduct({ ports, settings, own }: ProductOptions): Promise<Product> {
  const entries = PROCESS_NAMES.map((name): [ProcessName, MarqueeProcess] => [
    name,
    startProcess([PROCESSES[name]], { ...settings, PORT: String(ports[name]), ...own[name] }),
  ]);
  const processes = Object.fromEntries(entries) as Record<ProcessName, MarqueeProcess>;
  const kill = async () => {
    for (const [, one] of entries) one.signal("SIGKILL");
    await Promise.all(entries.map(([, one]) => one.ended()));
  };
  try {
    await Promise.all(entries.map(([, one]) => one.printed(STARTED)));
  } catch (error) {
    await kill();
    throw error;
  }
  let stopping = false;
  const fallen: string[] = [];
  for (const [name, one] of entries) {
    void one.ended().then((code) => {
      if (!stopping)
        fallen.push(`${name} ended with ${code}:\n${one.output.split("\n").slice(-LAST_LINES).join("\n")}`);
    });
  }
  return {
    processes,
    fallen: () => fallen,
    lineIds: () => new Set(entries.flatMap(([, { output }]) => lineIdsOf(output))),
    stop: async () => {
      stopping = true;
      for (const [, one] of entries) one.signal("SIGTERM");
      const codes = await Promise.all(entries.map(async ([name, one]) => [name, await one.ended()] as const));
      return Object.fromEntries(codes) as Record<ProcessName, number | string>;
    },
    kill,
  };
}

/** A line that is still being printed has no line break yet and does not count. */
function lineIdsOf(output: string): string[] {
  return output
    .split("\n")
    .slice(0, -1)
    .flatMap((line) => {
      const id = /"id":"([0-9a-f-]{36})"/.exec(line)?.[1];
      return line.startsWith("{") && id !== undefined ? [id] : [];
    });
}
