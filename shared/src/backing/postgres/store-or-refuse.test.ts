import { describe, expect, it } from "vitest";
import { MarqueeError } from "../../service/errors.ts";
import { storeOrRefuse } from "./store-or-refuse.ts";

/** A table that takes all items of a call or none, as a statement of PostgreSQL does. */
function tableRefusing(broken: ReadonlySet<string>, code = "22P05") {
  const [stored, calls]: [string[], number[]] = [[], []];
  const store = async (items: readonly { id: string }[]): Promise<void> => {
    calls.push(items.length);
    if (items.some(({ id }) => broken.has(id))) throw Object.assign(new TypeError("refused"), { code });
    stored.push(...items.map(({ id }) => id));
  };
  return { stored, calls, store };
}
const ITEMS = Array.from({ length: 100 }, (_, i) => ({ id: String(i) }));

describe("storing items of which some may be refused", () => {
  it("stores all in one call where none is", async () => {
    const table = tableRefusing(new Set());
    expect(await storeOrRefuse(ITEMS, table.store)).toEqual([]);
    expect([table.stored.length, table.calls]).toEqual([100, [100]]);
  });

  it.each([[["0"]], [["99"]], [["13", "14", "77"]], [ITEMS.map(({ id }) => id)]])(
    "leaves out exactly what is refused, with the reason, and keeps the order of the rest: %s",
    async (broken) => {
      const table = tableRefusing(new Set(broken));
      const refused = await storeOrRefuse(ITEMS, table.store);
      expect(refused).toEqual(broken.map((id) => ({ id, reason: "refused" })));
      expect(table.stored).toEqual(ITEMS.map(({ id }) => id).filter((id) => !broken.includes(id)));
    },
  );

  it("finds one among a hundred in about two calls for each halving", async () => {
    const table = tableRefusing(new Set(["42"]));
    await storeOrRefuse(ITEMS, table.store);
    expect(table.calls.length).toBeLessThanOrEqual(16);
  });

  it.each([
    ["a constraint's refusal", "23514"],
    ["a value too long for an index", "54000"],
  ])("takes %s for the item's fault", async (_what, code) => {
    const table = tableRefusing(new Set(["42"]), code);
    expect(await storeOrRefuse(ITEMS, table.store)).toEqual([{ id: "42", reason: "refused" }]);
  });

  it.each([
    ["the database's absence", new MarqueeError("DATABASE_UNAVAILABLE", "Away.")],
    ["a mistake in the statement", Object.assign(new TypeError("no such table"), { code: "42P01" })],
  ])("passes on what is not the items' fault: %s", async (_what, error) => {
    await expect(storeOrRefuse(ITEMS, () => Promise.reject(error))).rejects.toBe(error);
  });

  it("does nothing for no items", async () => {
    const table = tableRefusing(new Set());
    expect(await storeOrRefuse([], table.store)).toEqual([]);
    expect(table.calls).toEqual([]);
  });
});
