/** Where Redis is, as REDIS_URL says. */
export type RedisAddress =
  | { kind: "single"; url: string; where: string }
  | {
      kind: "cluster";
      tls: boolean;
      nodes: { host: string; port: number }[];
      username: string | undefined;
      password: string | undefined;
      where: string;
    };

export const REDIS_URL_FORMS =
  "redis://user:password@host:6379/0, or redis+cluster://user:password@host:6379,host:6379 for a cluster; with rediss instead of redis for TLS";

const CLUSTER_SCHEME = /^redis(s?)\+cluster:\/\//;
const DEFAULT_PORT = "6379";

/**
 * @returns undefined where the text is none of the forms; `where` is what may be shown of it: servers without
 *   credentials, e.g. `10.0.0.1:6379,10.0.0.2:6379`
 */
export function parseRedisUrl(text: string): RedisAddress | undefined {
  const cluster = CLUSTER_SCHEME.exec(text);
  if (cluster) return parseCluster(text.slice(cluster[0].length), cluster[1] === "s");
  if (!URL.canParse(text)) return undefined;
  const { protocol, host } = new URL(text);
  if ((protocol !== "redis:" && protocol !== "rediss:") || host === "") return undefined;
  return { kind: "single", url: text, where: host };
}

/** Each node as a URL of its own, the credentials being those of the first: a URL has no form for several hosts. */
function parseCluster(rest: string, tls: boolean): RedisAddress | undefined {
  const at = rest.lastIndexOf("@");
  const urls = rest
    .slice(at + 1)
    .replace(/\/$/, "")
    .split(",")
    .map((node) => `redis://${rest.slice(0, at + 1)}${node}`);
  if (!urls.every((url) => URL.canParse(url))) return undefined;
  const parsed = urls.map((url) => new URL(url));
  if (parsed.some(({ hostname, pathname, search }) => hostname === "" || pathname.length > 1 || search !== "")) {
    return undefined;
  }
  return {
    kind: "cluster",
    tls,
    nodes: parsed.map(({ hostname, port }) => ({
      host: hostname.replace(/^\[|\]$/g, ""),
      port: Number(port || DEFAULT_PORT),
    })),
    username: decodeURIComponent(parsed[0]?.username ?? "") || undefined,
    password: decodeURIComponent(parsed[0]?.password ?? "") || undefined,
    where: parsed.map(({ hostname, port }) => `${hostname}:${port || DEFAULT_PORT}`).join(","),
  };
}
