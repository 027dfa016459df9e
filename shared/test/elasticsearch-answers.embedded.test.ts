import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import type { LogStoreSettings } from "../src/backing/log-store/open-log-store.ts";
import { openLogStore } from "../src/backing/log-store/open-log-store.ts";
import { connectDatabase } from "../src/backing/postgres/database.ts";
import { createLogger } from "../src/service/logger.ts";

const database = connectDatabase({ url: "postgres://127.0.0.1:1/none", log: createLogger("test", "silent") });
const NOTHING_FOUND = { hits: { hits: [] } };

/** What a server may answer that no Elasticsearch of the tests can be brought to. */
describe("the Elasticsearch log store, by what the server answers", () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  async function listening(made: Server, protocol = "http"): Promise<string> {
    server = made;
    made.listen(0, "127.0.0.1");
    await once(made, "listening");
    const address = made.address();
    return `${protocol}://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  }
  const answering = (status: number, body: unknown, seen: IncomingMessage[] = []): RequestListener => {
    return (request, response) => {
      seen.push(request);
      response.writeHead(status, { "content-type": "application/json", "x-elastic-product": "Elasticsearch" });
      response.end(JSON.stringify(body));
    };
  };
  async function find(settings: LogStoreSettings): Promise<unknown> {
    const store = await openLogStore({ settings, database });
    return store.find({}).finally(() => store.close());
  }

  it.each([
    ["an API key", { ELASTICSEARCH_API_KEY: "the-key" }, "ApiKey the-key"],
    [
      "user and password",
      { ELASTICSEARCH_USERNAME: "marquee", ELASTICSEARCH_PASSWORD: "the-key" },
      `Basic ${Buffer.from("marquee:the-key").toString("base64")}`,
    ],
    ["nothing", {}, undefined],
  ])("shows %s", async (_what, credentials, header) => {
    const seen: IncomingMessage[] = [];
    const url = await listening(createServer(answering(200, NOTHING_FOUND, seen)));
    expect(await find({ ELASTICSEARCH_URL: url, ...credentials })).toEqual([]);
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([header]);
  });

  it.each([
    [401, "SETTINGS_INVALID", false],
    [403, "SETTINGS_INVALID", false],
    [429, "LOG_STORE_UNAVAILABLE", true],
    [503, "LOG_STORE_UNAVAILABLE", true],
  ])("says what %i means, without the secret", async (status, code, retriable) => {
    const url = await listening(createServer(answering(status, { error: { type: "no", reason: "No." } })));
    const error = await find({ ELASTICSEARCH_URL: url, ELASTICSEARCH_API_KEY: "the-key" }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code, retriable, message: expect.stringContaining(new URL(url).host) });
    expect(inspect(error, { depth: 9 })).not.toContain("the-key");
  });

  it.each([
    ["a proxy's page", "<html>Sign in</html>", {}],
    ["the answer of another product", "{}", { "content-type": "application/json" }],
  ])("takes %s for a store that is away", async (_what, body, headers) => {
    const url = await listening(createServer((_request, response) => response.writeHead(200, headers).end(body)));
    await expect(find({ ELASTICSEARCH_URL: url })).rejects.toMatchObject({ code: "LOG_STORE_UNAVAILABLE" });
  });

  it("tells the server for how many days a line is kept", async () => {
    let bodies = "";
    const answer = answering(200, { acknowledged: true });
    const url = await listening(
      createServer((request, response) => {
        request.on("data", (chunk) => {
          bodies += chunk;
        });
        request.on("end", () => answer(request, response));
      }),
    );
    const store = await openLogStore({ settings: { ELASTICSEARCH_URL: url, LOG_RETENTION_DAYS: 5 }, database });
    await store.prepare();
    await store.close();
    expect(bodies).toContain('"data_retention":"5d"');
  });

  it("speaks TLS, and refuses a certificate that nobody vouches for", async () => {
    const folder = await mkdtemp(join(tmpdir(), "marquee-tls-"));
    const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
    execFileSync(
      "openssl",
      ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", certificate].concat([
        "-subj",
        "/CN=localhost",
      ]),
      { stdio: "ignore" },
    );
    const tls = { key: readFileSync(key), cert: readFileSync(certificate) };
    await rm(folder, { recursive: true });
    const url = await listening(createTlsServer(tls, answering(200, NOTHING_FOUND)), "https");
    await expect(find({ ELASTICSEARCH_URL: url })).rejects.toMatchObject({
      code: "SETTINGS_INVALID",
      message: expect.stringContaining("offers no encryption that can be trusted"),
    });
  });
});
