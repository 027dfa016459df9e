import { errorMessage, systemCode } from "../../service/errors.ts";

/** One item that the database did not take for what it holds, and why. */
export interface RefusedItem {
  id: string;
  reason: string;
}

/** Classes 22 (data exception: a text with U+0000, a day that does not exist), 23 (a constraint), 54 (too long for an index). */
const CONTENT_REFUSED = /^(2[23]|54)/;

/**
 * Stores items together; where the database refuses the content of some, by halves, so that only these are left out.
 * @param store stores all items or, where it throws, none
 * @throws whatever else went wrong: then the items are to be stored again
 */
export async function storeOrRefuse<Item extends { id: string }>(
  items: readonly Item[],
  store: (items: readonly Item[]) => Promise<void>,
): Promise<RefusedItem[]> {
  const [only] = items;
  if (only === undefined) return [];
  try {
    await store(items);
    return [];
  } catch (error) {
    if (!CONTENT_REFUSED.test(systemCode(error))) throw error;
    if (items.length === 1) return [{ id: only.id, reason: errorMessage(error) }];
    const half = Math.ceil(items.length / 2);
    return [...(await storeOrRefuse(items.slice(0, half), store)), ...(await storeOrRefuse(items.slice(half), store))];
  }
}
