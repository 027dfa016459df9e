import { describe, expect, it } from "vitest";
import { type FieldProfile, parentOf, profileFields } from "./field-profile.ts";
import { findDrift, KNOWN_AFTER_BODIES, MISSING_IN_BODIES } from "./find-drift.ts";

const fields = (...bodies: unknown[]) =>
  Object.fromEntries([...profileFields(bodies)].map(([path, { bodies: seen, nulls }]) => [path, [seen, nulls]]));

describe("the fields of bodies", () => {
  it("are counted by path, with the bodies that have them and those where they are null", () => {
    expect(fields({ id: 1, tagline: null }, { id: 2, tagline: "So be it" }, { id: 3 })).toEqual({
      $: [3, 0],
      id: [3, 0],
      tagline: [2, 1],
    });
  });

  it("are counted once for a body, however many elements an array has", () => {
    const cast = [{ name: "Ann", profile_path: null }, { name: "Bob", profile_path: null }, { name: "Cy" }];
    expect(fields({ credits: { cast } }, { credits: { cast: [] } })).toEqual({
      $: [2, 0],
      credits: [2, 0],
      "credits.cast": [2, 0],
      "credits.cast[]": [1, 0],
      "credits.cast[].name": [1, 0],
      "credits.cast[].profile_path": [1, 1],
    });
  });

  it("fold keys that are data", () => {
    const offers = { DE: { link: "a" }, US: { link: "b" } };
    expect(Object.keys(fields({ results: offers, byId: { 603: {}, 604: {} } }))).toEqual(
      expect.arrayContaining(["results.*", "results.*.link", "byId.*"]),
    );
  });

  it("are bounded, whatever a body is like", () => {
    let deep: unknown = "the bottom";
    for (let i = 0; i < 10_000; i++) deep = { deeper: deep };
    const wide = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`field ${i}`, i]));
    expect(profileFields([deep, wide]).size).toBeLessThan(2_100);
    expect(fields("no object", null, 7)).toEqual({ $: [3, 1] });
  });

  it("lie in a container, up to the whole body", () => {
    expect(["credits.cast[].name", "credits.cast[]", "credits.cast", "credits"].map(parentOf)).toEqual([
      "credits.cast[]",
      "credits.cast",
      "credits",
      "$",
    ]);
  });
});

describe("drift", () => {
  const film = { id: 1, title: "A", runtime: 90, collection: null, cast: [{ name: "Ann" }] };
  const times = (count: number, body: unknown): FieldProfile =>
    profileFields(Array.from({ length: count }, () => body));
  const { title: _, ...untitled } = film;

  it.each<[string, FieldProfile, FieldProfile, string[]]>([
    ["nothing moved", times(100, film), times(50, film), []],
    ["a field that was never seen", times(100, film), times(1, { ...film, mood: "sad" }), ["new mood"]],
    [
      "a new container is told once, without what is in it",
      times(100, film),
      times(1, { ...film, mood: { colour: "blue", notes: [{ text: "a" }] } }),
      ["new mood"],
    ],
    ["too few bodies before to know the form", times(KNOWN_AFTER_BODIES - 1, film), times(1, { ...film, mood: 1 }), []],
    [
      "the first film with a collection shows what a collection is made of",
      times(100, film),
      times(1, { ...film, collection: { id: 3 } }),
      [],
    ],
    [
      "a field deep in an array",
      times(100, film),
      times(1, { ...film, cast: [{ name: "Ann", pronoun: "she" }] }),
      ["new cast[].pronoun"],
    ],
    ["a field that was always there", times(100, film), times(MISSING_IN_BODIES, untitled), ["missing title"]],
    ["one that is not in a few bodies", times(100, film), times(MISSING_IN_BODIES - 1, untitled), []],
    [
      "one that was in some bodies only",
      profileFields([...Array.from({ length: 100 }, () => film), ...Array.from({ length: 20 }, () => untitled)]),
      times(50, untitled),
      [],
    ],
    [
      "one error among many bodies does not make a field optional",
      profileFields([...Array.from({ length: 200 }, () => film), { success: false }]),
      times(50, untitled),
      ["missing title"],
    ],
    [
      "casts that are empty in every film are missing, and what is in them is told with it",
      times(100, film),
      times(50, { ...film, cast: [] }),
      ["missing cast[]"],
    ],
    ["null where it never was", times(100, film), times(1, { ...film, runtime: null }), ["null runtime"]],
    ["null where it has been", times(100, film), times(1, { ...film, collection: null }), []],
    ["null too early to tell", times(KNOWN_AFTER_BODIES - 1, film), times(1, { ...film, runtime: null }), []],
  ])("%s", (_sentence, known, batch, expected) => {
    expect(findDrift(known, batch).map(({ kind, path }) => `${kind} ${path}`)).toEqual(expected);
  });

  it("says in how many bodies", () => {
    expect(findDrift(times(150, film), times(3, { ...film, mood: "sad", runtime: null }))).toEqual([
      { path: "mood", kind: "new", detail: "in 3 of 3 bodies, in none of 150 before" },
      { path: "runtime", kind: "null", detail: "null in 3 of 3 bodies, in none of 150 before" },
    ]);
  });
});
