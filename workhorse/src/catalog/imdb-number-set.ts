/** Numbers of a page: 8 KB of bits. */
const PAGE = 65_536;

/**
 * A set of IMDb's numbers, a bit each: a million films take some 5 MB, where a Set of them takes 40 MB, and a wild
 * number takes a page.
 */
export interface NumberSet {
  add(value: number): void;
  has(value: number): boolean;
}

export function createNumberSet(): NumberSet {
  const pages = new Map<number, Uint8Array>();
  return {
    add: (value) => {
      const number = Math.floor(value / PAGE);
      let page = pages.get(number);
      if (page === undefined) {
        page = new Uint8Array(PAGE / 8);
        pages.set(number, page);
      }
      const at = value % PAGE;
      page[at >> 3] = (page[at >> 3] ?? 0) | (1 << (at & 7));
    },
    has: (value) => {
      const at = value % PAGE;
      return (((pages.get(Math.floor(value / PAGE))?.[at >> 3] ?? 0) >> (at & 7)) & 1) === 1;
    },
  };
}

/**
 * The number that a line of IMDb's begins with (`tt0000001<tab>…`), without making a string of it.
 * @returns undefined where it begins with something else
 */
export function leadingNumber(line: string): number | undefined {
  let value = 0;
  for (let at = 2; at < line.length; at++) {
    const digit = line.charCodeAt(at) - 48;
    if (digit >= 0 && digit <= 9) value = value * 10 + digit;
    else return digit === -39 && at > 2 ? value : undefined; // a tab is character 9
  }
  return undefined;
}
