import type { OnlineKey, OnlineRead } from "@marquee/shared/backing/online-store/online-store";
import { type TmdbId, tmdbIdSchema } from "@marquee/shared/contracts/ids";
import { type EpochDay, epochDay } from "@marquee/shared/contracts/time";
import { FILM } from "@marquee/shared/features/entities";
import { decodeFeatureRow, type FeatureRow } from "@marquee/shared/features/feature-row";
import { type FeatureView, viewKey } from "@marquee/shared/features/feature-view";
import { decodeFilmFacts } from "@marquee/shared/features/film-facts";
import { RATING_COLUMNS, RATING_VIEWS } from "@marquee/shared/features/film-views";
import { noteRead } from "@marquee/shared/features/freshness";
import { holdsRecords, type OnlineLookup, recordsPresenceKeys } from "@marquee/shared/features/on-demand";
import { decodeCard, decodeText, ONLINE } from "@marquee/shared/features/online-layout";
import { isMarqueeError, MarqueeError } from "@marquee/shared/service/errors";
import { ALL_GROUPS, type FeatureDraft, takeFacts } from "./feature-draft.ts";
import { pathOf, shown } from "./field-errors.ts";
import type { ServingMetrics } from "./metrics.ts";
import { notMaterialised, type Stage } from "./online-stage.ts";

const MILLISECONDS_PER_DAY = 86_400_000;

/** A view of the model, and the groups that its columns are told under. */
interface ReadView {
  view: FeatureView;
  key: string;
  groups: FeatureView["columns"][number]["group"][];
}

const READ_VIEWS: readonly ReadView[] = RATING_VIEWS.map((view) => ({
  view,
  key: viewKey(view),
  groups: [...new Set(view.columns.map(({ group }) => group))],
}));

/** The key under which a film's TMDB id lies, where it was asked for by its IMDb id. */
export function imdbKeys({ request: { movie } }: FeatureDraft): OnlineKey[] {
  return "imdbId" in movie ? [ONLINE.byImdb(movie.imdbId)] : [];
}

export function takeTmdbId(draft: FeatureDraft, lookup: OnlineLookup): void {
  const [key] = imdbKeys(draft);
  if (!key) return;
  const found = lookup(key);
  if (found.status === "missing") draft.absent = true;
  else draft.tmdbId = tmdbIdSchema.parse(Number(decodeText(found.value)));
}

/**
 * A film of the catalog: what an answer says of it, and its features where every view that the models of this process
 * read lies ready, in the version of this release, and all for one day, which is the one asked for.
 */
export function filmStage(metrics: Pick<ServingMetrics, "viewRead">): Stage<FeatureDraft> {
  return {
    concerns: ({ tmdbId }) => tmdbId !== undefined,
    keys: ({ tmdbId }) => (tmdbId === undefined ? [] : [...rowKeys(tmdbId), ONLINE.card(tmdbId)]),
    take: (draft, lookup) => {
      const tmdbId = idOf(draft);
      const card = lookup(ONLINE.card(tmdbId));
      const reads = rowKeys(tmdbId).map(lookup);
      draft.absent = [card, ...reads].every(({ status }) => status === "missing");
      if (draft.absent) return;
      if (card.status !== "missing") draft.card = decodeCard(card.value);
      const rows = reads.map((read, i) => rowOf(READ_VIEWS[i], read));
      READ_VIEWS.forEach(({ key }, i) => {
        const status = reads[i]?.status ?? "missing";
        metrics.viewRead(key, status !== "missing" && rows[i] === undefined ? "unreadable" : status);
      });
      takeRows(draft, reads, rows);
    },
  };
}

/** The keys of onlineRowKey, the film's name made once. */
function rowKeys(tmdbId: TmdbId): OnlineKey[] {
  const entity = `${FILM.name}:${tmdbId}`;
  return READ_VIEWS.map(({ key: view }) => ({ view, entity }));
}

/** Undefined where there is none, and where the bytes are none of the view. */
function rowOf(read: ReadView | undefined, found: OnlineRead): FeatureRow | undefined {
  if (read === undefined || found.status === "missing") return undefined;
  try {
    return decodeFeatureRow(read.view, found.value);
  } catch (error) {
    if (isMarqueeError(error, "FEATURE_ROW_INVALID")) return undefined;
    throw error;
  }
}

/** Rows of which one is missing, or which stand as of different days, make no vector: the film is computed. */
function takeRows(draft: FeatureDraft, reads: readonly OnlineRead[], rows: readonly (FeatureRow | undefined)[]): void {
  const values = new Float64Array(RATING_COLUMNS.length);
  let filled = 0;
  let eventTime: number | undefined;
  for (const row of rows) {
    if (row === undefined) return;
    if (row.eventTime !== (eventTime ?? row.eventTime)) return;
    eventTime = row.eventTime;
    values.set(row.values, filled);
    filled += row.values.length;
  }
  const asOf = ((eventTime ?? Number.NaN) / MILLISECONDS_PER_DAY) as EpochDay;
  if (draft.request.asOf !== undefined && epochDay(draft.request.asOf) !== asOf) return;
  READ_VIEWS.forEach(({ groups }, i) => {
    const read = reads[i];
    if (read) noteRead(draft.freshness, read, groups);
  });
  draft.values = values;
  draft.asOf = asOf;
}

/** The facts of a film of the catalog whose features do not lie ready. */
export function factsStage(today: EpochDay): Stage<FeatureDraft> {
  return {
    concerns: ({ absent, tmdbId, values }) => absent || (tmdbId !== undefined && values === undefined),
    keys: ({ absent, tmdbId }) =>
      absent || tmdbId === undefined ? recordsPresenceKeys(today) : [ONLINE.facts(tmdbId)],
    take: (draft, lookup) => {
      if (draft.absent) throw holdsRecords(lookup, today) ? filmUnknown(draft) : notMaterialised("films");
      const found = lookup(ONLINE.facts(idOf(draft)));
      if (found.status === "missing") {
        throw notMaterialised(`features of film ${draft.tmdbId} that fit the request and the model`);
      }
      takeFacts(draft, decodeFilmFacts(found.value), today);
      // The level of ratings is read from its own record.
      noteRead(
        draft.freshness,
        found,
        ALL_GROUPS.filter((group) => group !== "climate"),
      );
    },
  };
}

function idOf({ tmdbId }: FeatureDraft): TmdbId {
  if (tmdbId === undefined) throw new MarqueeError("INTERNAL", "A film was looked up before its id was known.");
  return tmdbId;
}

function filmUnknown({ at, request: { movie } }: FeatureDraft): MarqueeError {
  const [name, id] = "tmdbId" in movie ? ["tmdbId", movie.tmdbId] : ["imdbId", "imdbId" in movie ? movie.imdbId : ""];
  return new MarqueeError(
    "FILM_UNKNOWN",
    `The catalog has no film with ${name} ${id}. Describe the film instead (title, releaseDate, genres, directors …).`,
    {
      details: {
        errors: [
          { path: pathOf(at, ["movie", name]), message: `must be of a film of the catalog; given: ${shown(id)}` },
        ],
      },
    },
  );
}
