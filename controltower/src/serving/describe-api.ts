import { fastifySwagger } from "@fastify/swagger";
import { fastifySwaggerUi } from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import packageJson from "../../package.json" with { type: "json" };
import { apiComponents } from "./api-components.ts";
import { bodyExamples, type ExampleFilm } from "./api-examples.ts";

const ABOUT =
  "Predicts the rating that a film will have on IMDb (0–10) from what is known before its release, with a 90 % interval.";

/** What the sources' terms ask for wherever their data is shown. */
const ATTRIBUTION = [
  "This product uses the TMDB API but is not endorsed or certified by TMDB.",
  "Information courtesy of IMDb (https://www.imdb.com). Used with permission.",
];

const PROBLEMS =
  "Every refusal is a problem document (RFC 9457, `application/problem+json`) with a stable `code`, and `errors` naming each field and what it accepts. Where trying again can help there is a `Retry-After`.";

/**
 * The page's assets are local, and the browser is told to load nothing else. The plugin's own policy lets other hosts in
 * and asks for https, which a laptop does not have.
 */
const CONTENT_SECURITY_POLICY =
  "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'self'";

export interface ApiDescription {
  /** Says where the data comes from when it is not the real thing. */
  dataNotice: string | undefined;
  /** A film that the catalog has by now; undefined before it has any. */
  exampleFilm: () => ExampleFilm | undefined;
  /** Whether `POST /events` is there. */
  takesEvents: boolean;
}

/**
 * Serves the API's description: Swagger UI at `/docs`, OpenAPI 3.1 at `/docs/json`, nothing of it from another host.
 * Only routes that are added later are described.
 */
export async function describeApi(app: FastifyInstance, description: ApiDescription): Promise<void> {
  const { dataNotice, exampleFilm, takesEvents } = description;
  const notice = dataNotice === undefined ? [] : [`**${dataNotice}**`];
  await app.register(fastifySwagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Marquee",
        version: packageJson.version,
        description: [ABOUT, ...notice, PROBLEMS, ...ATTRIBUTION].join("\n\n"),
        license: { name: packageJson.license, identifier: packageJson.license },
      },
      // Wherever it is served from, and without credentials so far.
      servers: [{ url: "/" }],
      security: [],
      tags: [
        { name: "predictions", description: "Ratings of films that are out, announced or only imagined" },
        ...(takesEvents ? [{ name: "events", description: "What users do with films" }] : []),
        { name: "models", description: "What answers, and how it came to" },
      ],
      components: { schemas: apiComponents() },
    },
  });
  await app.register(fastifySwaggerUi, {
    routePrefix: "/docs",
    staticCSP: CONTENT_SECURITY_POLICY,
    theme: { title: "Marquee API" },
    uiConfig: { layout: "BaseLayout", validatorUrl: null, tryItOutEnabled: true, defaultModelsExpandDepth: 0 },
    transformSpecification: (document) => withBodyExamples(document, exampleFilm()),
  });
}

/** Beside a reference to a named schema @fastify/swagger keeps nothing of a body, so its examples come afterwards. */
function withBodyExamples<Document extends OpenApiPaths>(document: Document, film: ExampleFilm | undefined): Document {
  const examples: Partial<Record<string, object>> = bodyExamples(film);
  for (const { post } of Object.values(document.paths ?? {})) {
    const media = post?.requestBody?.content["application/json"];
    if (media) Object.assign(media, { examples: examples[post?.operationId ?? ""] });
  }
  return document;
}

/** As much of the document as the examples need. */
interface OpenApiPaths {
  paths?: Record<string, { post?: { operationId?: string; requestBody?: { content: Record<string, object> } } }>;
}
