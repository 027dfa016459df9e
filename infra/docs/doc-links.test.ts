import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { anchorsOf, linksOf, pathSpansOf } from "./doc-references.ts";

const root = join(import.meta.dirname, "../..");
const NOT_OURS = new Set(["node_modules", ".git", ".marquee", "coverage"]);
const pages = globSync("**/*.md", { cwd: root, exclude: (name) => NOT_OURS.has(name.split("/").at(-1) ?? "") }).sort();

function read(page: string): string {
  return readFileSync(join(root, page), "utf8");
}

function brokenLinks(page: string): string[] {
  return linksOf(read(page)).flatMap(({ line, text, path, anchor }) => {
    const target = path === "" ? page : join(dirname(page), path);
    if (target.startsWith("..") || !existsSync(join(root, target))) return [`line ${line}: ${text} leads nowhere`];
    const checked = anchor !== undefined && target.endsWith(".md");
    return checked && !anchorsOf(read(target)).has(anchor) ? [`line ${line}: ${text} has no such heading`] : [];
  });
}

function wrongPaths(page: string): string[] {
  return pathSpansOf(read(page)).flatMap(({ line, text, later }) => {
    const exists = existsSync(join(root, text));
    if (exists && later) return [`line ${line}: ${text} exists, so "(later)" is no longer true`];
    return exists || later ? [] : [`line ${line}: ${text} does not exist`];
  });
}

test("the pages of the repository are found", () => {
  expect(pages).toEqual(expect.arrayContaining(["CONTRIBUTING.md", "docs/PRD.md", "docs/adr/README.md"]));
});

describe.each(pages)("%s", (page) => {
  test("has no link that leads nowhere", () => {
    expect(brokenLinks(page)).toEqual([]);
  });

  test("names no path that does not exist, and calls none later that does", () => {
    expect(wrongPaths(page)).toEqual([]);
  });
});

describe("a page's references", () => {
  test("links are read with path and anchor; addresses, code and code blocks are no links", () => {
    const page = "[a](b.md#c) ![d](e.svg)\n[f](https://g.example) `[h](i.md)`\n```\n[j](k.md)\n```\n[l](#m)";
    expect(linksOf(page)).toEqual([
      { line: 1, text: "b.md#c", path: "b.md", anchor: "c" },
      { line: 1, text: "e.svg", path: "e.svg", anchor: undefined },
      { line: 6, text: "#m", path: "", anchor: "m" },
    ]);
  });

  test.each([
    ["a file under a top-level folder is a path", "`infra/docs/x.ts`", [["infra/docs/x.ts", false]]],
    ["a top-level folder is a path", "`shared`", [["shared", false]]],
    ["a path that a later piece brings is marked right after it", "`infra/loop` (later)", [["infra/loop", true]]],
    [
      "the mark counts for the path before it only",
      "`docs` and `infra` (later)",
      [
        ["docs", false],
        ["infra", true],
      ],
    ],
    ["a pattern is no path", "`shared/src/*` and `.marquee/sample`", []],
    ["a command is no path", "`controltower serving`", []],
    ["a word outside a code span is no path", "infra/docs", []],
  ])("%s", (_sentence, line, expected) => {
    expect(pathSpansOf(line).map(({ text, later }) => [text, later])).toEqual(expected);
  });

  test("headings have GitHub's anchors", () => {
    expect([...anchorsOf("# A b\n## nervous: events, logs\n### What `npm start` does")]).toEqual([
      "a-b",
      "nervous-events-logs",
      "what-npm-start-does",
    ]);
  });
});

test("every decision stands in the index, numbered without a gap", () => {
  const index = read("docs/adr/README.md");
  const decisions = pages
    .filter((page) => /^docs\/adr\/\d{4}-/.test(page))
    .map((page) => page.slice("docs/adr/".length));
  expect(decisions.filter((file) => !index.includes(`](${file})`))).toEqual([]);
  expect(decisions.map((file) => Number(file.slice(0, 4)))).toEqual(decisions.map((_, i) => i + 1));
});
