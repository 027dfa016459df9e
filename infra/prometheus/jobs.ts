import { NETWORK, type Server } from "../network.ts";

/** Prometheus's names for our processes; rules, dashboards and runbooks rely on them. */
export const JOBS = ["serving", "scheduler", "worker", "feature-server", "logs", "events", "quality"] as const;
export type Job = (typeof JOBS)[number];

/** `host:port` of each process that answers `/metrics`, by job. */
export type Targets = Record<Job, readonly string[]>;

/** @param host the server, unless the process runs beside Prometheus and has a name of its own there */
function targets(server: Server, service: string, host: string = server): string[] {
  return NETWORK.filter((open) => open.to === server && open.service.split(",")[0] === service).map(
    ({ port }) => `${host}:${port}`,
  );
}

/**
 * The three servers by their names, and the containers beside Prometheus by theirs. Both colours of serving are always
 * asked: which of them is on changes with each deployment.
 */
export const PRODUCTION_TARGETS: Targets = {
  serving: targets("controltower", "serving"),
  scheduler: targets("controltower", "scheduler"),
  worker: targets("workhorse", "worker"),
  "feature-server": targets("workhorse", "feature-server"),
  logs: targets("nervous", "logs", "logs"),
  events: targets("nervous", "events", "events"),
  quality: targets("nervous", "quality", "quality"),
};
