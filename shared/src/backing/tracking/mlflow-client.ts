import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import axios, { type AxiosInstance, type AxiosResponse } from "axios";
import { z } from "zod";
import { errorMessage, MarqueeError, systemCode } from "../../service/errors.ts";
import { isLoopback } from "../../service/loopback.ts";

/** MLflow answers in milliseconds, on a busy small machine in a second or two. */
const TIMEOUT_MS = 10_000;
/** As for the other stores: a readiness check that hangs is one that failed. */
const PING_TIMEOUT_MS = 3_000;
const CONNECTIONS = 4;

export interface MlflowClientOptions {
  /** The server's address, as MLFLOW_TRACKING_URI has it. */
  url: string;
  /** Of MLflow's basic authentication. */
  credentials?: { username: string; password: string };
  /** Milliseconds after which a request is given up; 10,000 unless given. */
  timeoutMs?: number;
}

/** What MLflow calls the kinds of its refusals, of which two are answers to us. */
const refusalSchema = z.object({ error_code: z.string(), message: z.string() });

/**
 * MLflow's REST API 2.0 (https://mlflow.org/docs/latest/api_reference/rest-api.html).
 * Every call throws TRACKING_UNAVAILABLE or TRACKING_REFUSED; the latter's `details.code` is MLflow's own.
 */
export interface MlflowClient {
  get<Body>(path: string, schema: z.ZodType<Body>, query: Record<string, string>): Promise<Body>;
  post<Body>(path: string, schema: z.ZodType<Body>, body: object): Promise<Body>;
  /** Writes a file into the artifacts that the server keeps; `place` is an artifact's path on it. */
  putArtifact(place: string, content: Buffer): Promise<void>;
  /** The cheapest call that needs the credentials. */
  ping(): Promise<void>;
  close(): void;
}

interface Request {
  method: "get" | "post" | "put";
  /** Below `/api/2.0`. */
  path: string;
  query?: Record<string, string>;
  body?: object;
  timeoutMs?: number;
}

export function createMlflowClient(options: MlflowClientOptions): MlflowClient {
  const { url, timeoutMs = TIMEOUT_MS } = options;
  const agents = { httpAgent: new HttpAgent(AGENT), httpsAgent: new HttpsAgent(AGENT) };
  const http = axios.create({
    baseURL: `${url.replace(/\/+$/, "")}/api/2.0`,
    responseType: "text",
    transformResponse: (body: string) => body,
    validateStatus: () => true,
    ...(options.credentials ? { auth: options.credentials } : {}),
    ...agents,
    ...(isLoopback(url) ? { proxy: false } : {}),
  });
  const send = (request: Request) => sendRequest(http, { timeoutMs, ...request }, new URL(url).host);
  return {
    get: async (path, schema, query) => parsed(schema, await send({ method: "get", path: `/mlflow/${path}`, query })),
    post: async (path, schema, body) => parsed(schema, await send({ method: "post", path: `/mlflow/${path}`, body })),
    putArtifact: async (place, content) => {
      await send({ method: "put", path: `/mlflow-artifacts/artifacts/${place}`, body: content });
    },
    ping: async () => {
      const path = "/mlflow/experiments/search";
      await send({ method: "post", path, body: { max_results: 1 }, timeoutMs: PING_TIMEOUT_MS });
    },
    close: () => {
      agents.httpAgent.destroy();
      agents.httpsAgent.destroy();
    },
  };
}

const AGENT = { keepAlive: true, maxSockets: CONNECTIONS };

async function sendRequest(http: AxiosInstance, request: Request, host: string): Promise<string> {
  const { method, path, query, body, timeoutMs = TIMEOUT_MS } = request;
  const answer = await http
    .request<string>({
      method,
      url: path,
      // The limit counts from the last byte that came, so the signal bounds the whole.
      timeout: timeoutMs,
      signal: AbortSignal.timeout(timeoutMs),
      ...(query ? { params: query } : {}),
      ...(body ? { data: body } : {}),
      ...(Buffer.isBuffer(body) ? { headers: { "content-type": "application/octet-stream" } } : {}),
    })
    .catch((error: unknown) => {
      throw noAnswer(error, host, timeoutMs);
    });
  if (answer.status >= 200 && answer.status < 300) return answer.data;
  throw refusal(answer, path, host);
}

function noAnswer(error: unknown, host: string, timeoutMs: number): MarqueeError {
  const code = systemCode(error);
  const reason = /^(ERR_CANCELED|ECONNABORTED|ETIMEDOUT)$/.test(code)
    ? `no answer within ${timeoutMs / 1000} seconds`
    : code || errorMessage(error);
  // No cause: an HTTP client's error carries its whole request, credentials and all.
  return new MarqueeError(
    "TRACKING_UNAVAILABLE",
    `MLflow at ${host} cannot be reached (${reason}). Check the network and MLFLOW_TRACKING_URI.`,
  );
}

function refusal({ status, data }: AxiosResponse<string>, path: string, host: string): MarqueeError {
  const said = refusalSchema.safeParse(jsonOf(data)).data;
  const code = said?.error_code ?? String(status);
  const words = said?.message ?? data.replace(/\s+/g, " ").trim();
  const line = `MLflow at ${host} answered ${status} to ${path}: ${words.slice(0, 200)}`;
  if (status === 401 || status === 403) {
    return new MarqueeError(
      "TRACKING_REFUSED",
      `MLflow at ${host} refuses the credentials. Check MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.`,
      { details: { code } },
    );
  }
  if (status === 429 || status >= 500) return new MarqueeError("TRACKING_UNAVAILABLE", line, { details: { code } });
  return new MarqueeError("TRACKING_REFUSED", line, { details: { code } });
}

/** @throws TRACKING_REFUSED: what answers there is no MLflow that we know */
function parsed<Body>(schema: z.ZodType<Body>, text: string): Body {
  const result = schema.safeParse(jsonOf(text));
  if (result.success) return result.data;
  throw new MarqueeError(
    "TRACKING_REFUSED",
    `The server of MLFLOW_TRACKING_URI does not answer as MLflow does: ${z.prettifyError(result.error)}`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
