import type { ImdbFile } from "../sources/imdb-client.ts";
import type { RowReader } from "./imdb-row-reader.ts";

/** IMDb's kinds of titles that are films. */
const FILM_TYPES = new Set(["movie", "tvMovie", "video"]);

/** A value of a row as COPY takes it. */
type Value = string | number | null;

/** Whose lines are ours: those of every title or person, or of those that the catalog knows. */
export type Wanted = "all" | "films" | "people";

/** One of IMDb's files that says how things stand, and the table that says the same of films. */
export interface Snapshot {
  file: ImdbFile;
  /** What is read of the file, in this order; the first column is the id. */
  columns: readonly string[];
  /** By the first column. */
  wanted: Wanted;
  /** Whose tables decide which lines are wanted: loaded before, and when they change this one is loaded anew. */
  dependsOn: readonly ImdbFile[];
  /** Undefined where nothing is kept. */
  table: SnapshotTable | undefined;
  /** @returns rows in the order of the table's columns; none for a line that is fine and not ours */
  rows(reader: RowReader): Value[][];
}

export interface SnapshotTable {
  name: string;
  /** Columns with their types; the first ones are the key. */
  columns: Readonly<Record<string, string>>;
  keyColumns: number;
}

/** In the order of loading. */
export const SNAPSHOTS: readonly Snapshot[] = [
  {
    file: "title.basics",
    columns: [
      "tconst",
      "titleType",
      "primaryTitle",
      "originalTitle",
      "isAdult",
      "startYear",
      "runtimeMinutes",
      "genres",
    ],
    wanted: "all",
    dependsOn: [],
    table: {
      name: "imdb_titles",
      columns: {
        imdb_number: "integer",
        title_type: "text",
        primary_title: "text",
        original_title: "text",
        is_adult: "boolean",
        start_year: "integer",
        runtime_minutes: "integer",
        genres: "text[]",
      },
      keyColumns: 1,
    },
    rows: (reader) => {
      const id = reader.title("tconst");
      const type = reader.text("titleType");
      if (reader.problem === undefined && !FILM_TYPES.has(type)) return [];
      return [
        [
          id,
          type,
          reader.text("primaryTitle"),
          reader.optionalText("originalTitle"),
          reader.flag("isAdult"),
          reader.optionalInteger("startYear"),
          reader.optionalInteger("runtimeMinutes"),
          reader.list("genres"),
        ],
      ];
    },
  },
  {
    file: "title.crew",
    columns: ["tconst", "directors", "writers"],
    wanted: "films",
    dependsOn: ["title.basics"],
    table: {
      name: "imdb_crew",
      columns: { imdb_number: "integer", role: "text", person_number: "integer", position: "integer" },
      keyColumns: 3,
    },
    rows: (reader) => {
      const id = reader.title("tconst");
      const credits = (role: string, people: number[]) => people.map((person, i) => [id, role, person, i + 1]);
      return [...credits("director", reader.people("directors")), ...credits("writer", reader.people("writers"))];
    },
  },
  {
    file: "title.principals",
    columns: ["tconst", "ordering", "nconst", "category", "job", "characters"],
    wanted: "films",
    dependsOn: ["title.basics"],
    table: {
      name: "imdb_principals",
      columns: {
        imdb_number: "integer",
        ordering: "integer",
        person_number: "integer",
        category: "text",
        job: "text",
        characters: "text",
      },
      keyColumns: 2,
    },
    rows: (reader) => [
      [
        reader.title("tconst"),
        reader.integer("ordering"),
        reader.person("nconst"),
        reader.text("category"),
        reader.optionalText("job"),
        reader.optionalText("characters"),
      ],
    ],
  },
  {
    file: "title.akas",
    columns: ["titleId", "ordering", "title", "region", "language", "types", "attributes", "isOriginalTitle"],
    wanted: "films",
    dependsOn: ["title.basics"],
    table: {
      name: "imdb_akas",
      columns: {
        imdb_number: "integer",
        ordering: "integer",
        title: "text",
        region: "text",
        language: "text",
        types: "text",
        attributes: "text",
        is_original: "boolean",
      },
      keyColumns: 2,
    },
    rows: (reader) => [
      [
        reader.title("titleId"),
        reader.integer("ordering"),
        reader.text("title"),
        reader.optionalText("region"),
        reader.optionalText("language"),
        reader.optionalText("types"),
        reader.optionalText("attributes"),
        reader.flag("isOriginalTitle"),
      ],
    ],
  },
  {
    file: "name.basics",
    columns: ["nconst", "primaryName", "birthYear", "deathYear"],
    wanted: "people",
    dependsOn: ["title.crew", "title.principals"],
    table: {
      name: "imdb_people",
      columns: { person_number: "integer", name: "text", birth_year: "integer", death_year: "integer" },
      keyColumns: 1,
    },
    rows: (reader) => [
      [
        reader.person("nconst"),
        reader.text("primaryName"),
        reader.optionalInteger("birthYear"),
        reader.optionalInteger("deathYear"),
      ],
    ],
  },
  {
    // No film is an episode: its lines are read and checked, and nothing is kept.
    file: "title.episode",
    columns: ["tconst", "parentTconst", "seasonNumber", "episodeNumber"],
    wanted: "all",
    dependsOn: [],
    table: undefined,
    rows: (reader) => {
      reader.title("tconst");
      reader.title("parentTconst");
      reader.optionalInteger("seasonNumber");
      reader.optionalInteger("episodeNumber");
      return [];
    },
  },
];
