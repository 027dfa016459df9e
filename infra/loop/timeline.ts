/** What happened when, in seconds since the beginning. */
export interface Timeline {
  /** Notes a step, and prints it as it happens. */
  note(step: string): void;
  /** The steps with the seconds since the beginning and since the step before, a line each. */
  table(): string;
}

export function createTimeline(
  output: { write(text: string): unknown },
  now: () => number = () => performance.now(),
): Timeline {
  const begun = now();
  const steps: { step: string; at: number }[] = [];
  const line = (step: string, at: number, before: number) =>
    `${seconds(at).padStart(8)} s ${`+${seconds(at - before)}`.padStart(8)} s  ${step}\n`;
  return {
    note: (step) => {
      const at = now() - begun;
      output.write(line(step, at, steps.at(-1)?.at ?? 0));
      steps.push({ step, at });
    },
    table: () => steps.map(({ step, at }, i) => line(step, at, steps[i - 1]?.at ?? 0)).join(""),
  };
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(1);
}
