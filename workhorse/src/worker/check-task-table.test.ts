import { TASK_NAMES } from "@marquee/shared/contracts/tasks";
import { describe, expect, it } from "vitest";
import { TASK_TABLE } from "../tasks/task-table.ts";
import { checkTaskTable } from "./check-task-table.ts";

const whole = Object.fromEntries(TASK_NAMES.map((name) => [name, () => {}]));

describe("the worker's table of tasks", () => {
  it("is whole", () => {
    expect(() => checkTaskTable(TASK_TABLE)).not.toThrow();
  });

  it("is refused without one of the contract's tasks", () => {
    const { gate: _gate, ...rest } = whole;
    expect(() => checkTaskTable(rest)).toThrow("without an implementation: gate.");
  });

  it("is refused with a task that the contract does not know", () => {
    expect(() => checkTaskTable({ ...whole, bake: () => {} })).toThrow("unknown to the contract: bake.");
  });
});
