/**
 * Who may reach which port: the one truth. Published ports of the Compose files, security groups, firewall rules and
 * the table of docs/PRD.md follow it; what is not listed is shut.
 */

export const SERVERS = ["workhorse", "controltower", "nervous"] as const;
export type Server = (typeof SERVERS)[number];

/** `team`: fixed addresses. `on demand`: shut, opened to the team for a time. `public`: while the service is open. */
export type Source = Server | "team" | "on demand" | "public";

/**
 * What listens: `container` by the server's Compose file, `host` by the operating system, `later` by a piece that is
 * not built yet.
 */
type Listener = "container" | "host" | "later";

export interface OpenPort {
  to: Server;
  port: number;
  service: string;
  from: readonly Source[];
  by: Listener;
}

function open(
  to: Server,
  port: number,
  service: string,
  from: readonly Source[],
  by: Listener = "container",
): OpenPort {
  return { to, port, service, from, by };
}

const onEveryServer: OpenPort[] = SERVERS.flatMap((server) => [
  open(server, 22, "SSH", ["team"], "host"),
  open(server, 9100, "node exporter", ["nervous"]),
  // cAdvisor's own 8080 and the often used 8081 are taken on controltower.
  open(server, 8090, "cAdvisor", ["nervous"]),
]);

const workhorse: OpenPort[] = [
  open("workhorse", 5432, "PostgreSQL", ["controltower", "nervous"]),
  open("workhorse", 6379, "Redis", ["controltower", "nervous"]),
  open("workhorse", 5000, "MLflow", ["controltower", "on demand"]),
  open("workhorse", 6566, "feature-server", ["controltower", "nervous"]),
  open("workhorse", 8888, "JupyterLab", ["on demand"], "later"),
  open("workhorse", 9464, "worker", ["nervous"]),
  open("workhorse", 9187, "PostgreSQL exporter", ["nervous"]),
  open("workhorse", 9121, "Redis exporter", ["nervous"]),
];

const controltower: OpenPort[] = [
  open("controltower", 80, "Nginx", ["public", "team"]),
  open("controltower", 443, "Nginx", ["public", "team"]),
  open("controltower", 8000, "serving, blue", ["nervous", "on demand"]),
  open("controltower", 8081, "serving, green", ["nervous", "on demand"]),
  open("controltower", 8080, "scheduler", ["team", "nervous", "workhorse"]),
  open("controltower", 9113, "Nginx exporter", ["nervous"]),
];

const nervous: OpenPort[] = [
  open("nervous", 9092, "Kafka", ["workhorse", "controltower"]),
  open("nervous", 9200, "Elasticsearch", ["workhorse", "controltower"]),
  open("nervous", 5044, "Logstash", ["workhorse", "controltower"]),
  open("nervous", 9090, "Prometheus", ["team", "controltower"]),
  open("nervous", 9093, "Alertmanager", ["team", "controltower"]),
  open("nervous", 3000, "Grafana", ["team"]),
  open("nervous", 5601, "Kibana", ["team"]),
  open("nervous", 9465, "logs", ["nervous"]),
  open("nervous", 9466, "events", ["nervous"]),
  open("nervous", 9467, "quality", ["nervous"]),
  open("nervous", 9114, "Elasticsearch exporter", ["nervous"]),
  open("nervous", 9308, "Kafka exporter", ["nervous"]),
];

export const NETWORK: readonly OpenPort[] = [...onEveryServer, ...workhorse, ...controltower, ...nervous];

/**
 * Ports that a server's Compose file binds to an address of the server, ascending. What only the server itself may
 * reach stays inside the containers' network, but for the node exporter, which measures the host's own network.
 */
export function publishedPorts(server: Server): number[] {
  return NETWORK.filter(({ to, by }) => to === server && by === "container")
    .filter(({ port, from }) => port === 9100 || from.some((source) => source !== server))
    .map(({ port }) => port)
    .sort((a, b) => a - b);
}
