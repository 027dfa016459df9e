import type { Database } from "@marquee/shared/backing/postgres/database";
import { type FeatureView, hashViews, viewDefinition } from "@marquee/shared/features/feature-view";
import type { Clock } from "@marquee/shared/service/clock";
import { MarqueeError } from "@marquee/shared/service/errors";

/**
 * Records each view's version with the hash of its definition.
 * @throws FEATURE_VIEW_CHANGED when a definition changed and its version did not: old models would read it wrongly
 */
export async function registerViews(database: Database, clock: Clock, views: readonly FeatureView[]): Promise<void> {
  for (const view of views) {
    const hash = hashViews([view]);
    await database.execute(
      `insert into feature_views (name, version, hash, definition, registered_at) values ($1, $2, $3, $4, $5) on conflict do nothing`,
      [view.name, view.version, hash, JSON.stringify(viewDefinition(view)), clock.now()],
    );
    const [row] = await database.query<{ hash: string }>(
      "select hash from feature_views where name = $1 and version = $2",
      [view.name, view.version],
    );
    if (row?.hash !== hash) {
      throw new MarqueeError(
        "FEATURE_VIEW_CHANGED",
        `The feature view ${view.name} changed its definition but is still version ${view.version}. Give it version ${view.version + 1}.`,
      );
    }
  }
}
