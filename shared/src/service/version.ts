import shared from "../../package.json" with { type: "json" };

/** The product's release; all workspaces have the same. */
export const VERSION: string = shared.version;
