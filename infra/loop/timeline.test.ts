import { expect, test } from "vitest";
import { createTimeline } from "./timeline.ts";

test("each step tells the seconds since the beginning and since the step before, as it happens and in the table", () => {
  let now = 500;
  let printed = "";
  const timeline = createTimeline({ write: (text: string) => (printed += text) }, () => now);
  now = 2_000;
  timeline.note("the servers answer");
  now = 12_345;
  timeline.note("the alert fires");
  const table = "     1.5 s     +1.5 s  the servers answer\n    11.8 s    +10.3 s  the alert fires\n";
  expect(timeline.table()).toBe(table);
  expect(printed).toBe(table);
});
