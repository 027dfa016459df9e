import { expect, test } from "vitest";
import { createProgressReporter, type TrainingProgress } from "./training-progress.ts";
import { parseTrainingSettings } from "./training-settings.ts";

test("counts the steps of both passes, and the seconds that are left at the pace so far", () => {
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
  const seen = told.map(({ phase, stepsDone, steps, secondsLeft }) => [phase, stepsDone, steps, secondsLeft]);
  expect(seen[0]).toEqual(["choosing epochs", 1, 12, 22]);
  expect(seen[5]).toEqual(["choosing epochs", 6, 12, 12]);
  expect(seen[6]).toEqual(["fitting", 7, 10, 6]);
  expect(seen[9]).toEqual(["fitting", 10, 10, 0]);
  expect(told[9]).toMatchObject({ member: 2, members: 2, epoch: 2, epochs: 2 });
});
