/** One line of an export of Kibana: what its import API takes. */
export interface SavedObject {
  type: "index-pattern" | "visualization" | "search" | "dashboard";
  id: string;
  attributes: Record<string, unknown>;
  references: { name: string; type: SavedObject["type"]; id: string }[];
  /** Kibana's form of that type; a later Kibana migrates it on import. */
  typeMigrationVersion: string;
  coreMigrationVersion: "8.8.0";
}

const CORE_VERSION = "8.8.0";

/** Forms that these builders write, of Kibana 8. */
const TYPE_VERSIONS = {
  "index-pattern": "8.0.0",
  visualization: "8.5.0",
  search: "7.9.3",
  dashboard: "8.9.0",
} as const satisfies Record<SavedObject["type"], string>;

export function savedObject(
  type: SavedObject["type"],
  id: string,
  attributes: SavedObject["attributes"],
  references: SavedObject["references"] = [],
): SavedObject {
  return {
    type,
    id,
    attributes,
    references,
    typeMigrationVersion: TYPE_VERSIONS[type],
    coreMigrationVersion: CORE_VERSION,
  };
}
