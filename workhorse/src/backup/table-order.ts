import { MarqueeError } from "@marquee/shared/service/errors";

/** A foreign key of one table to another. */
export interface TableReference {
  from: string;
  to: string;
}

/**
 * Tables in an order in which each stands after those that it points to, so that rows find what they point to; among
 * equals in the order given. A table that points to itself is no matter: its rows are checked together.
 * @throws INTERNAL naming the tables of a circle: no order can restore those
 */
export function inForeignKeyOrder(tables: readonly string[], references: readonly TableReference[]): string[] {
  const ordered: string[] = [];
  let rest = [...tables];
  while (rest.length > 0) {
    const free = rest.filter(
      (table) => !references.some(({ from, to }) => from === table && to !== table && rest.includes(to)),
    );
    if (free.length === 0) {
      throw new MarqueeError(
        "INTERNAL",
        `Foreign keys go in a circle among ${rest.join(", ")}: no order of tables can restore them. Make one of the keys deferrable or leave it out.`,
      );
    }
    ordered.push(...free);
    rest = rest.filter((table) => !free.includes(table));
  }
  return ordered;
}
