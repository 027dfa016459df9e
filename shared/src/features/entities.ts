import type { Entity } from "./feature-view.ts";

/** What Marquee predicts for. */
export const FILM: Entity = { name: "film", joinKey: "tmdb_id", description: "A film of the catalog, by its TMDB id" };
