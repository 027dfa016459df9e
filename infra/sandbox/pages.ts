/** TMDB's cap on pages. */
export const MAX_PAGE = 500;

export interface Page<Item> {
  page: number;
  results: Item[];
  total_pages: number;
  total_results: number;
}

/** @returns undefined for a page that TMDB refuses with status 22; no page means the first */
export function pageNumber(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return 1;
  if (!/^\d{1,9}$/.test(text)) return undefined;
  const page = Number(text);
  return page >= 1 && page <= MAX_PAGE ? page : undefined;
}

/** One page of a list in TMDB's form. Of more than 500 pages it tells 500, beside the true number of results. */
export function pageOf<Item, Entry>(
  items: readonly Item[],
  page: number,
  perPage: number,
  toEntry: (item: Item) => Entry,
): Page<Entry> {
  return {
    page,
    results: items.slice((page - 1) * perPage, page * perPage).map(toEntry),
    total_pages: Math.min(MAX_PAGE, Math.max(1, Math.ceil(items.length / perPage))),
    total_results: items.length,
  };
}
