import { TASK_NAMES, type TaskName } from "@marquee/shared/contracts/tasks";
import { MarqueeError } from "@marquee/shared/service/errors";

/** @throws TASK_UNKNOWN naming every task of the contract that has no implementation, and every one too many */
export function checkTaskTable(table: Partial<Record<string, unknown>>): void {
  const missing = TASK_NAMES.filter((name) => typeof table[name] !== "function");
  const unknown = Object.keys(table).filter((name) => !TASK_NAMES.includes(name as TaskName));
  if (missing.length === 0 && unknown.length === 0) return;
  const problems = [
    ...(missing.length > 0 ? [`without an implementation: ${missing.join(", ")}`] : []),
    ...(unknown.length > 0 ? [`unknown to the contract: ${unknown.join(", ")}`] : []),
  ];
  throw new MarqueeError("TASK_UNKNOWN", `The worker's tasks are not those of the contract. ${problems.join("; ")}.`);
}
