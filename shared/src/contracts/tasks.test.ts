import { describe, expect, it } from "vitest";
import { TASKS } from "./tasks.ts";

describe("the input of materialize", () => {
  it.each([
    [{}, undefined],
    [{ from: "2010-01-01" }, undefined],
    [{ to: "2010-01-01" }, undefined],
    [{ from: "2010-01-01", to: "2010-01-02" }, undefined],
    [{ from: "2010-01-01", to: "2010-01-01" }, "must be a day before `to`"],
    [{ from: "2010-01-02", to: "2010-01-01" }, "must be a day before `to`"],
  ])("%j: %s", (input, message) => {
    expect(TASKS.materialize.safeParse(input).error?.issues[0]?.message).toBe(message);
  });
});
