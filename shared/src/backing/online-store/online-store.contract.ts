import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Clock } from "../../service/clock.ts";
import type { OnlineStore, OnlineWrite } from "./online-store.ts";

const START = Date.parse("2026-03-01T12:00:00Z");
const VIEW = "track_record";

/**
 * What every online store promises.
 * @param create an empty store that takes the time from `clock`
 */
export function onlineStoreContract(name: string, create: (clock: Clock) => Promise<OnlineStore>): void {
  describe(`${name} keeps the online store's promises`, () => {
    let seconds: number;
    let store: OnlineStore;
    const clock: Clock = { now: () => new Date(START + seconds * 1000) };
    const at = (offsetSeconds: number) => new Date(START + offsetSeconds * 1000);

    beforeEach(async () => {
      seconds = 0;
      store = await create(clock);
    });
    afterEach(() => store.close());

    const entry = (entity: string, text: string, changes: Partial<OnlineWrite> = {}): OnlineWrite => ({
      view: VIEW,
      entity,
      value: Buffer.from(text),
      materializedAt: at(0),
      ttlSeconds: 60,
      ...changes,
    });
    const readText = async (entity: string, view = VIEW) => {
      const [read] = await store.read([{ view, entity }]);
      return read?.status === "missing" ? "missing" : `${read?.status} ${Buffer.from(read?.value ?? []).toString()}`;
    };

    it("gives back the bytes that were written, any of the 256", async () => {
      const value = Uint8Array.from({ length: 256 }, (_, i) => i);
      await store.write([entry("person:1", "", { value })]);
      const [read] = await store.read([{ view: VIEW, entity: "person:1" }]);
      expect(read).toMatchObject({ status: "present", ageSeconds: 0 });
      expect(read?.status === "present" && Uint8Array.from(read.value)).toEqual(value);
    });

    it("has one name for its life, whatever is written", async () => {
      const before = await store.incarnation();
      await store.write([entry("person:1", "one")]);
      await store.confirm(VIEW, { at: at(0), source: "a" });
      expect(await store.incarnation()).toBe(before);
    });

    it("keeps an empty value apart from a missing one", async () => {
      await store.write([entry("person:1", "")]);
      expect(await readText("person:1")).toBe("present ");
    });

    it("keeps what was written when the writer uses its memory again", async () => {
      const value = Buffer.from("before");
      await store.write([entry("person:1", "", { value })]);
      value.write("after!");
      expect(await readText("person:1")).toBe("present before");
    });

    it("answers in the order of the keys, the same key twice and missing ones included", async () => {
      await store.write([entry("person:1", "one"), entry("person:2", "two")]);
      const reads = await store.read(
        ["person:2", "person:3", "person:1", "person:2"].map((entity) => ({ view: VIEW, entity })),
      );
      expect(reads.map((read) => (read.status === "missing" ? "-" : Buffer.from(read.value).toString()))).toEqual([
        "two",
        "-",
        "one",
        "two",
      ]);
    });

    it("answers nothing to no keys and writes nothing of no entries", async () => {
      await store.write([]);
      expect(await store.read([])).toEqual([]);
    });

    it("keeps entities of different views apart, whatever their names", async () => {
      await store.write([
        entry("b:c", "one", { view: "a" }),
        entry("c", "two", { view: "a:b" }),
        entry("name:Zoë {1} Kravitz\n", "three", { view: "a" }),
      ]);
      expect(await readText("b:c", "a")).toBe("present one");
      expect(await readText("c", "a:b")).toBe("present two");
      expect(await readText("name:Zoë {1} Kravitz\n", "a")).toBe("present three");
      expect(await readText("c", "a")).toBe("missing");
    });

    it.each([
      [59.999, "present"],
      [60, "stale"],
      [119, "stale"],
    ])("reports a value with a time to live of 60 s at an age of %d s as %s, with its age", async (age, status) => {
      await store.write([entry("person:1", "one")]);
      seconds = age;
      expect(await store.read([{ view: VIEW, entity: "person:1" }])).toMatchObject([{ status, ageSeconds: age }]);
    });

    it.each<[string, number | undefined, number, string, number]>([
      ["no watermark", undefined, 59.999, "present", 59.999],
      ["no watermark", undefined, 60, "stale", 60],
      ["a watermark of the value's own moment", 0, 60, "stale", 60],
      ["a watermark from before the value", -30, 60, "stale", 60],
      ["a later watermark", 50, 60, "present", 10],
      ["a later watermark", 50, 109.999, "present", 59.999],
      ["a later watermark", 50, 110, "stale", 60],
      ["a watermark from a clock that is ahead", 500, 60, "present", 0],
    ])(
      "counts a value's age with %s (%s s) at %d s: %s, %d s old",
      async (_what, watermark, age, status, ageSeconds) => {
        await store.write([entry("person:1", "one")]);
        if (watermark !== undefined) await store.confirm(VIEW, { at: at(watermark), source: "a" });
        seconds = age;
        expect(await store.read([{ view: VIEW, entity: "person:1" }])).toMatchObject([
          { status, ageSeconds: expect.closeTo(ageSeconds, 6) },
        ]);
      },
    );

    it("counts each value's age from its own view's watermark, in one read of several views", async () => {
      await store.write([entry("person:1", "one"), entry("person:1", "two", { view: "climate" })]);
      await store.confirm(VIEW, { at: at(40), source: "a" });
      await store.confirm("neither of the two", { at: at(90), source: "a" });
      seconds = 90;
      const keys = [VIEW, "climate", VIEW].map((view) => ({ view, entity: "person:1" }));
      expect(await store.read(keys)).toMatchObject([
        { status: "present", ageSeconds: 50 },
        { status: "stale", ageSeconds: 90 },
        { status: "present", ageSeconds: 50 },
      ]);
    });

    it("does not take a watermark for values: what was never written is missing", async () => {
      await store.confirm(VIEW, { at: at(0), source: "a" });
      expect(await readText("person:1")).toBe("missing");
    });

    it("keeps values of any age until they are replaced, removed or retired", async () => {
      await store.write([entry("person:1", "one", { materializedAt: at(-400 * 86_400), ttlSeconds: 1 })]);
      expect(await readText("person:1")).toBe("stale one");
    });

    it("counts the age from the materialisation, not from the writing", async () => {
      seconds = 50;
      await store.write([entry("person:1", "one")]);
      seconds = 60;
      expect(await readText("person:1")).toBe("stale one");
    });

    it("takes a value from a writer whose clock is ahead for new, not for negative in age", async () => {
      await store.write([entry("person:1", "one", { materializedAt: at(5) })]);
      expect(await store.read([{ view: VIEW, entity: "person:1" }])).toMatchObject([
        { status: "present", ageSeconds: 0 },
      ]);
    });

    it("lets a later materialisation replace an earlier one, age and time to live with it", async () => {
      await store.write([entry("person:1", "old")]);
      seconds = 100;
      await store.write([entry("person:1", "new", { materializedAt: at(100), ttlSeconds: 10 })]);
      expect(await readText("person:1")).toBe("present new");
      seconds = 110;
      expect(await readText("person:1")).toBe("stale new");
    });

    it("never lets an earlier materialisation replace a later one, not even a stale one", async () => {
      await store.write([entry("person:1", "new", { materializedAt: at(10), ttlSeconds: 1 })]);
      seconds = 11.5;
      await store.write([entry("person:1", "old", { materializedAt: at(9.999) })]);
      expect(await readText("person:1")).toBe("stale new");
    });

    it("leaves the last written of two of the same moment, within one write too", async () => {
      await store.write([entry("person:1", "first"), entry("person:1", "second")]);
      expect(await readText("person:1")).toBe("present second");
      await store.write([entry("person:1", "third")]);
      expect(await readText("person:1")).toBe("present third");
    });

    it("retires what a rebuild has not written, and says how much", async () => {
      await store.write([entry("person:1", "kept"), entry("person:2", "gone"), entry("person:3", "gone")]);
      seconds = 10;
      await store.write([entry("person:1", "rebuilt", { materializedAt: at(10) })]);
      expect(await store.retire([VIEW], at(10))).toBe(2);
      expect(await readText("person:1")).toBe("present rebuilt");
      expect(await readText("person:2")).toBe("missing");
      expect(await store.retire([VIEW], at(10))).toBe(0);
    });

    it("retires in one view alone, and nothing that was materialised since", async () => {
      await store.write([entry("person:1", "other", { view: "climate" })]);
      await store.write([entry("person:2", "since", { materializedAt: at(11) })]);
      expect(await store.retire([VIEW], at(10))).toBe(0);
      expect(await store.retire(["unheard of"], at(10))).toBe(0);
      expect(await readText("person:1", "climate")).toBe("present other");
      expect(await readText("person:2")).toBe("present since");
    });

    it("retires in several views at once, whatever their names, and in no other", async () => {
      const views = [VIEW, "a:{b} c", "a"];
      await store.write(views.map((view) => entry("person:{1}", "one", { view })));
      await store.write([entry("person:2", "new", { materializedAt: at(10) })]);
      await store.confirm(VIEW, { at: at(0), source: "a" });
      expect(await store.retire([VIEW, "a:{b} c", VIEW, "unheard of"], at(10))).toBe(2);
      expect(await store.retire([], at(10))).toBe(0);
      expect(await readText("person:{1}")).toBe("missing");
      expect(await readText("person:{1}", "a:{b} c")).toBe("missing");
      expect(await readText("person:{1}", "a")).toBe("present one");
      expect(await readText("person:2")).toBe("present new");
      expect([...(await store.watermarks()).keys()]).toEqual([VIEW]);
    });

    it.each([
      ["300 s ahead of the writer's clock stays", 300, "present there"],
      ["further ahead is replaced", 300.001, "present new"],
    ])("takes no impossible moment for a later one: a value %s", async (_what, ahead, read) => {
      await store.write([entry("person:1", "there", { materializedAt: at(ahead) })]);
      await store.write([entry("person:1", "new")]);
      expect(await readText("person:1")).toBe(read);
    });

    it.each([
      ["300 s ahead of the writer's clock stays", 300, "there"],
      ["further ahead is replaced", 300.001, "new"],
    ])("takes no impossible moment for a later one: a watermark %s", async (_what, ahead, source) => {
      await store.confirm(VIEW, { at: at(ahead), source: "there" });
      await store.confirm(VIEW, { at: at(0), source: "new" });
      expect((await store.watermarks()).get(VIEW)?.source).toBe(source);
    });

    it("takes an entity back that comes after it was retired", async () => {
      await store.write([entry("person:1", "one")]);
      await store.retire([VIEW], at(1));
      await store.write([entry("person:1", "two", { materializedAt: at(2) })]);
      expect(await readText("person:1")).toBe("present two");
    });

    it("removes single values, and takes no offence at those that are not there", async () => {
      await store.write([entry("person:1", "gone"), entry("person:2", "kept"), entry("person:1", "b", { view: "b" })]);
      await store.remove([
        { view: VIEW, entity: "person:1" },
        { view: VIEW, entity: "person:3" },
        { view: "unheard of", entity: "person:2" },
      ]);
      await store.remove([]);
      expect(await readText("person:1")).toBe("missing");
      expect(await readText("person:2")).toBe("present kept");
      expect(await readText("person:1", "b")).toBe("present b");
    });

    it("tells the watermark of each view that was confirmed, and of no other", async () => {
      await store.write([entry("person:1", "one", { view: "only written" })]);
      await store.confirm(VIEW, { at: at(1), source: "first" });
      await store.confirm("a:{b} c", { at: at(2.5), source: "second" });
      expect(await store.watermarks()).toEqual(
        new Map([
          [VIEW, { at: at(1), source: "first" }],
          ["a:{b} c", { at: at(2.5), source: "second" }],
        ]),
      );
    });

    it.each([
      ["an earlier one changes nothing", 9.999, "old"],
      ["one of the same moment replaces it", 10, "new"],
      ["a later one replaces it", 11, "new"],
    ])("moves a watermark forward alone: %s", async (_what, offset, source) => {
      await store.confirm(VIEW, { at: at(10), source: "old" });
      await store.confirm(VIEW, { at: at(offset), source: "new" });
      expect((await store.watermarks()).get(VIEW)).toEqual({ at: at(Math.max(10, offset)), source });
    });

    it("keeps what is underway with the watermark until the next confirmation", async () => {
      await store.confirm(VIEW, { at: at(1), source: "old" });
      await store.confirm(VIEW, { at: at(1), source: "old", underway: ["new", "newer"] });
      expect((await store.watermarks()).get(VIEW)).toEqual({ at: at(1), source: "old", underway: ["new", "newer"] });
      await store.confirm(VIEW, { at: at(2), source: "newer" });
      expect((await store.watermarks()).get(VIEW)).toEqual({ at: at(2), source: "newer" });
    });

    it("drops a view with its values and its watermark, and leaves the others alone", async () => {
      await store.write([entry("person:1", "one"), entry("person:2", "two"), entry("person:1", "b", { view: "b" })]);
      await store.confirm(VIEW, { at: at(1), source: "a" });
      await store.confirm("b", { at: at(1), source: "a" });
      await store.drop(VIEW);
      await store.drop("unheard of");
      expect(await readText("person:1")).toBe("missing");
      expect(await readText("person:2")).toBe("missing");
      expect(await readText("person:1", "b")).toBe("present b");
      expect([...(await store.watermarks()).keys()]).toEqual(["b"]);
    });

    it("takes a dropped view back, with an earlier watermark, too", async () => {
      await store.confirm(VIEW, { at: at(10), source: "a" });
      await store.drop(VIEW);
      await store.write([entry("person:1", "again", { materializedAt: at(5) })]);
      await store.confirm(VIEW, { at: at(5), source: "b" });
      expect(await readText("person:1")).toBe("present again");
      expect((await store.watermarks()).get(VIEW)).toEqual({ at: at(5), source: "b" });
    });

    it("shows every reader a value during a rebuild, the old or the new", async () => {
      const entities = Array.from({ length: 500 }, (_, i) => `person:${i}`);
      await store.write(entities.map((entity) => entry(entity, "old")));
      const rebuild = (async () => {
        for (const entity of entities) await store.write([entry(entity, "new", { materializedAt: at(1) })]);
        await store.retire([VIEW], at(1));
        await store.confirm(VIEW, { at: at(1), source: "new" });
      })();
      for (let i = 0; i < 20; i++) {
        const reads = await store.read(entities.map((entity) => ({ view: VIEW, entity })));
        expect(reads.filter(({ status }) => status !== "present")).toEqual([]);
      }
      await rebuild;
      expect(await readText("person:499")).toBe("present new");
    });
  });
}
