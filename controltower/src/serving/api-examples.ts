import type { Problem } from "@marquee/shared/contracts/problem";

/** A film of the catalog that the examples ask for, so that the page's button finds one. */
export interface ExampleFilm {
  tmdbId: number;
  imdbId: string;
  /** YYYY-MM-DD */
  releaseDate: string;
  director: string;
}

/** A film of TMDB's, for a catalog that is filled from there. */
const WELL_KNOWN_FILM: ExampleFilm = {
  tmdbId: 603,
  imdbId: "tt0133093",
  releaseDate: "1999-03-30",
  director: "Lana Wachowski",
};

/** TMDB's numbers are far from it. */
const UNKNOWN_TMDB_ID = 999_999_999;

/** Bodies that the API's page shows and sends, by operation. A test parses each. */
export function bodyExamples({ tmdbId, imdbId, releaseDate, director }: ExampleFilm = WELL_KNOWN_FILM) {
  return {
    predict: {
      byTmdbId: { summary: "A film of the catalog, by its TMDB id", value: { movie: { tmdbId } } },
      byImdbId: { summary: "The same by its IMDb id", value: { movie: { imdbId } } },
      byDescription: {
        summary: "A film that is only an idea, by description",
        value: {
          movie: {
            title: "The Long Take",
            releaseDate: "2027-05-01",
            runtime: 118,
            genres: ["Drama"],
            directors: [director],
            writers: [director],
            composers: ["Jonny Greenwood"],
            cast: ["Holly Hunter", "Harvey Keitel"],
            companies: ["See-Saw Films"],
            budget: 40_000_000,
            language: "en",
            countries: ["NZ", "GB"],
            overview: "A camera operator has one evening to film what nobody may notice.",
            tagline: "Keep rolling.",
          },
          explain: true,
        },
      },
      explained: {
        summary: "With the features that moved the rating, as of a day before the release",
        value: { movie: { tmdbId }, explain: true, asOf: `${releaseDate.slice(0, 4)}-01-01` },
      },
    },
    predictBatch: {
      two: {
        summary: "Two films, one of which the catalog does not know",
        value: { items: [{ movie: { tmdbId } }, { movie: { tmdbId: UNKNOWN_TMDB_ID } }] },
      },
    },
    recordUserEvent: {
      rating: { summary: "A rating, 0 to 10", value: { type: "rating", userId: "u-7f3a", tmdbId, rating: 8.5 } },
      click: { summary: "A click", value: { type: "click", userId: "u-7f3a", tmdbId } },
      watchEnd: {
        summary: "The end of watching, with the moment that it happened",
        value: { type: "watch_end", userId: "u-7f3a", tmdbId, secondsWatched: 5_400, at: "2026-07-01T20:15:00Z" },
      },
    },
  };
}

const PREDICTION = {
  rating: 7.42,
  interval: { lower: 5.98, upper: 8.61, coverage: 0.9 },
  model: { name: "rating", version: 3 },
  asOf: "1999-03-30",
  film: { tmdbId: 603, title: "The Matrix", releaseDate: "1999-03-30" },
  features: { missing: ["collection"], stale: [], unrecognised: [], ageSeconds: 10_800 },
  actual: { source: "imdb", rating: 8.7, votes: 2_100_000 },
} as const;

export const PREDICTION_EXAMPLES = {
  catalogFilm: { summary: "A film of the catalog", value: PREDICTION },
  explained: {
    summary: "By description, with the features that moved the rating",
    value: {
      rating: 6.71,
      interval: { lower: 5.2, upper: 7.96, coverage: 0.9 },
      model: { name: "rating", version: 3 },
      asOf: "2026-07-01",
      explanation: {
        base: 6.4,
        contributions: [
          { feature: "director", label: "Director's earlier films", contribution: 0.29 },
          { feature: "genres", label: "Genres", contribution: 0.12 },
          { feature: "budget", label: "Budget", contribution: -0.1 },
        ],
      },
      features: { missing: ["collection"], stale: ["director"], unrecognised: [], ageSeconds: 97_200 },
    },
  },
} as const;

export const RECEIPT_EXAMPLES = {
  kept: { summary: "The event's id", value: { id: "019f1d8c-e200-7b3c-8a4c-1f0e6b7d2c31" } },
} as const;

export const PROBLEM_EXAMPLES = {
  requestInvalid: {
    summary: "A field that is not as expected",
    value: {
      type: "urn:marquee:problem:request-invalid",
      title: "The request does not have the expected form",
      status: 400,
      detail: 'movie.releaseDate must be a day that exists, as YYYY-MM-DD; given: "2027-02-30"',
      code: "REQUEST_INVALID",
      requestId: "019f1d8ce20070018a4c1f0e6b7d2c31",
      errors: [
        {
          path: "movie.releaseDate",
          message: 'must be a day that exists, as YYYY-MM-DD; given: "2027-02-30"',
        },
      ],
    },
  },
  bodyNotJson: {
    summary: "A body that is not JSON",
    value: {
      type: "urn:marquee:problem:body-not-json",
      title: "The body is not JSON",
      status: 400,
      detail: "The body is not valid JSON in UTF-8. /docs has examples.",
      code: "BODY_NOT_JSON",
      requestId: "019f1d8ce20070028a4c1f0e6b7d2c31",
    },
  },
  bodyTooLarge: {
    summary: "A body that is too large",
    value: {
      type: "urn:marquee:problem:body-too-large",
      title: "The body is too large",
      status: 413,
      detail: "The body is over 4194304 bytes.",
      code: "BODY_TOO_LARGE",
      requestId: "019f1d8ce20070038a4c1f0e6b7d2c31",
    },
  },
  mediaType: {
    summary: "A body of another type",
    value: {
      type: "urn:marquee:problem:media-type-unsupported",
      title: "The content type is not supported",
      status: 415,
      detail: "Send the body as content-type: application/json.",
      code: "MEDIA_TYPE_UNSUPPORTED",
      requestId: "019f1d8ce20070048a4c1f0e6b7d2c31",
    },
  },
  filmUnknown: {
    summary: "A film that the catalog does not know",
    value: {
      type: "urn:marquee:problem:film-unknown",
      title: "The film is not in the catalog",
      status: 404,
      detail:
        "The catalog has no film with tmdbId 999999999. Describe the film instead (title, releaseDate, genres, directors …).",
      code: "FILM_UNKNOWN",
      requestId: "019f1d8ce20070058a4c1f0e6b7d2c31",
      errors: [{ path: "movie.tmdbId", message: "must be of a film of the catalog; given: 999999999" }],
    },
  },
  noChampion: {
    summary: "No model is in production yet",
    value: {
      type: "urn:marquee:problem:no-champion",
      title: "No model is in production yet",
      status: 503,
      detail: "No model is in production yet: none was trained, or none has passed the gate.",
      code: "NO_CHAMPION",
      requestId: "019f1d8ce20070068a4c1f0e6b7d2c31",
    },
  },
} as const satisfies Record<string, { summary: string; value: Problem }>;

export const BATCH_RESPONSE_EXAMPLES = {
  two: {
    summary: "A prediction and a problem, in the order of the items",
    value: {
      results: [
        PREDICTION,
        {
          problem: {
            ...PROBLEM_EXAMPLES.filmUnknown.value,
            errors: [{ path: "items[1].movie.tmdbId", message: "must be of a film of the catalog; given: 999999999" }],
          },
        },
      ],
    },
  },
} as const;
