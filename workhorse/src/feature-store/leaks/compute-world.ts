import type { EpochDay } from "@marquee/shared/contracts/time";
import type { ColumnSchema } from "@marquee/shared/features/feature-view";
import type { CatalogFilm } from "../load-films.ts";

/** A row to be computed: a film of the world, and the day that it is seen from. */
export interface WantedRow {
  film: CatalogFilm;
  asOf: EpochDay;
}

/**
 * The whole way from a catalog to feature vectors, the making of track records included.
 * @param world every film that there is
 * @returns for each wanted row one number per column of the checked views, in their order; NaN where unknown
 */
export type ComputeWorld = (world: readonly CatalogFilm[], wanted: readonly WantedRow[]) => Float64Array[];

/** As much of a view as the detector has to know. */
export interface CheckedView {
  name: string;
  version: number;
  columns: readonly Pick<ColumnSchema, "name">[];
}
