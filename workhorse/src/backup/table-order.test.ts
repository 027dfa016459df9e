import { describe, expect, it } from "vitest";
import { inForeignKeyOrder } from "./table-order.ts";

const reference = (text: string) => {
  const [from = "", to = ""] = text.split(">");
  return { from, to };
};

describe("the order in which tables are restored", () => {
  it.each([
    ["is the given one where nothing points anywhere", "abc", [], "abc"],
    ["puts a table after the one that it points to", "abc", ["a>c"], "bca"],
    ["follows a chain from its end", "abc", ["a>b", "b>c"], "cba"],
    ["takes a table that points to itself for free", "ab", ["a>a", "a>b"], "ba"],
    ["takes a key to what is not restored for none", "ab", ["a>z"], "ab"],
    ["waits for all that a table points to", "abcd", ["a>b", "a>d", "d>c"], "bcda"],
  ])("%s", (_sentence, tables, references, expected) => {
    expect(inForeignKeyOrder([...tables], references.map(reference)).join("")).toBe(expected);
  });

  it("does not exist where foreign keys go in a circle, which is named", () => {
    expect(() => inForeignKeyOrder(["a", "b", "c"], ["a>b", "b>a"].map(reference))).toThrow(/circle among a, b:/);
  });
});
