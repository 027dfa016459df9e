/** The repository's top-level folders; a code span that begins with one of them is a path from the root. */
const PATH = /^(?:shared|workhorse|controltower|nervous|infra|docs|\.github|\.ci)(?:\/[\w.@-]+)*\/?$/;
/** What a page writes right after a path that a later piece brings. */
const LATER = " (later)";

/** A place in a page that names something of the repository. */
interface Reference {
  /** From 1. */
  line: number;
  /** As written. */
  text: string;
}

/** A link without a scheme: a path from the page's folder, an anchor, or both. */
interface Link extends Reference {
  /** Empty for an anchor in the same page. */
  path: string;
  /** The heading's anchor, without `#`; undefined when the link has none. */
  anchor: string | undefined;
}

/** A code span that is a path from the repository's root. */
interface PathSpan extends Reference {
  /** True when the page says "(later)" right after it: the path must not exist yet. */
  later: boolean;
}

/** Links and images that stay inside the repository. */
export function linksOf(markdown: string): Link[] {
  return proseLines(markdown).flatMap(({ line, text }) =>
    [...text.replace(/`[^`]*`/g, "").matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = ""]) => {
      if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return [];
      const [path = "", anchor] = target.split("#");
      return [{ line, text: target, path: decodeURI(path), anchor }];
    }),
  );
}

/**
 * Code spans that look like a path from the repository's root: a top-level folder, or something under one. Patterns
 * (`*`, `{`, `…`), commands and what arises at run time (`.marquee/`) do not look like one.
 */
export function pathSpansOf(markdown: string): PathSpan[] {
  return proseLines(markdown).flatMap(({ line, text }) =>
    [...text.matchAll(/`([^`]+)`/g)].flatMap((span) => {
      const [whole, path = ""] = span;
      if (!PATH.test(path)) return [];
      return [{ line, text: path, later: text.startsWith(LATER, span.index + whole.length) }];
    }),
  );
}

/** The anchors that GitHub gives a page's headings: lower case, without punctuation, blanks as hyphens. */
export function anchorsOf(markdown: string): Set<string> {
  return new Set(
    proseLines(markdown).flatMap(({ text }) => {
      const heading = /^#{1,6} (.+)$/.exec(text)?.[1];
      if (heading === undefined) return [];
      const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
      return [plain.replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-")];
    }),
  );
}

/** A page's lines without those of fenced code blocks. */
function proseLines(markdown: string): Reference[] {
  let fenced = false;
  return markdown.split("\n").flatMap((text, i) => {
    if (/^\s*(```|~~~)/.test(text)) {
      fenced = !fenced;
      return [];
    }
    return fenced ? [] : [{ line: i + 1, text }];
  });
}
