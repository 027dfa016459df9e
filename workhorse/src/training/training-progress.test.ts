import { expect, test } from "vitest";
import { createProgressReporter, type TrainingProgress } from "./training-progress.ts";
import { parseTrainingSettings } from "./training-settings.ts";

test("counts the steps of all passes, and the seconds that are left at the pace so far", () => {
  let seconds = 0;
  const clock = { now: () => new Date(seconds * 1000) };
  const told: TrainingProgress[] = [];
  const progress = createProgressReporter(parseTrainingSettings({ members: 2, epochs: 3 }), clock, (p) => told.push(p));
  const passOf = (epochs: number) => {
    for (let member = 1; member <= 2; member++) {
      for (let epoch = 1; epoch <= epochs; epoch++) {
        seconds += 2;
        progress.epochDone({ member, epoch, loss: 1, validationRmse: undefined });
      }
    }
  };
  progress.begin("choosing epochs", 3);
  passOf(3);
  progress.begin("fitting", 2);
  passOf(2);
  progress.begin("refitting", 2);
  passOf(2);
  const seen = told.map(({ phase, stepsDone, steps, secondsLeft }) => [phase, stepsDone, steps, secondsLeft]);
  expect(seen[0]).toEqual(["choosing epochs", 1, 18, 34]);
  expect(seen[5]).toEqual(["choosing epochs", 6, 18, 24]);
  expect(seen[6]).toEqual(["fitting", 7, 14, 14]);
  expect(seen[9]).toEqual(["fitting", 10, 14, 8]);
  expect(seen[13]).toEqual(["refitting", 14, 14, 0]);
  expect(told[13]).toMatchObject({ member: 2, members: 2, epoch: 2, epochs: 2 });
});
