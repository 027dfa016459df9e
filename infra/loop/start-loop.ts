import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OwnServers } from "@marquee/shared/testing/real-servers";
import { type Control, createControl } from "./control.ts";
import { type Edge, startEdge } from "./edge.ts";
import { freePorts } from "./free-ports.ts";
import { type Monitoring, startMonitoring } from "./monitoring.ts";
import { PROCESS_NAMES, type Product, startProduct } from "./product.ts";
import type { Timeline } from "./timeline.ts";
import { startWorld, type World } from "./world.ts";

const API_TOKEN = "loop-api-token";
const WEBHOOK_TOKEN = "loop-webhook-token";
/** Ten minutes of a rule become six seconds, and a scrape every 15 s one of 150 ms. */
const TIME_SCALE = 0.01;
/** Six fields: the first are seconds. A day lasts so long in the loop. */
const DAILY_SCHEDULE = "*/30 * * * * *";

/** The whole product on real servers of its own. */
export interface Loop {
  /** Settings of the servers, as the product reads them. */
  settings: Record<string, string>;
  world: World;
  product: Product;
  edge: Edge;
  monitoring: Monitoring;
  control: Control;
  /** Whatever of it runs. */
  end(): Promise<void>;
}

export interface LoopOptions {
  /** Path of Debian's Nginx. */
  nginx: string;
  servers: OwnServers;
  /** The recorded data. */
  data: string;
  asOf: string;
  announcedDays: number;
  timeline: Timeline;
}

export async function startLoop({ nginx, servers, data, asOf, announcedDays, timeline }: LoopOptions): Promise<Loop> {
  const folder = mkdtempSync(join(tmpdir(), "marquee-loop-"));
  chmodSync(folder, 0o755); // Nginx, Prometheus and Alertmanager read their files there
  const ends: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
  const end = async () => {
    for (let last = ends.pop(); last; last = ends.pop()) await last();
  };
  try {
    ends.push(() => servers.wipe());
    const backing = await servers.start(["postgres", "redis", "s3", "kafka", "elasticsearch", "mlflow"]);
    timeline.note("PostgreSQL, Redis, S3, Kafka, Elasticsearch and MLflow answer");
    const world = await startWorld({ folder: data, asOf, announcedDays });
    ends.push(async () => {
      world.process.signal("SIGTERM");
      await world.process.ended();
    });
    timeline.note(`the world stands at ${asOf}`);
    const ports = await freePorts([...PROCESS_NAMES, "edge"] as const);
    const settings = { ...productSettings(backing, folder), ...world.settings };
    const product = await startProduct({ ports, settings, own: { scheduler: { DAILY_SCHEDULE } } });
    ends.push(() => product.kill());
    timeline.note("all processes of the product have started");
    const edge = await startEdge({
      nginx,
      folder: join(folder, "nginx"),
      port: ports.edge,
      servingPorts: [ports["serving-blue"], ports["serving-green"]],
      schedulerPort: ports.scheduler,
    });
    ends.push(() => edge.stop());
    const local = (...names: (keyof typeof ports)[]) => names.map((name) => `127.0.0.1:${ports[name]}`);
    const monitoring = await startMonitoring({
      servers,
      folder: join(folder, "monitoring"),
      targets: {
        serving: local("serving-blue", "serving-green"),
        scheduler: local("scheduler"),
        worker: local("worker"),
        "feature-server": local("feature-server"),
        logs: local("logs"),
        events: local("events"),
        quality: local("quality"),
      },
      schedulerPort: ports.scheduler,
      webhookToken: WEBHOOK_TOKEN,
      scale: TIME_SCALE,
    });
    timeline.note("Nginx, Alertmanager and Prometheus answer");
    const control = createControl(edge.address, API_TOKEN);
    return { settings: backing, world, product, edge, monitoring, control, end };
  } catch (error) {
    await end();
    throw error;
  }
}

function productSettings(backing: Record<string, string>, folder: string): Record<string, string> {
  return {
    ...backing,
    S3_ENDPOINT: backing.AWS_ENDPOINT_URL_S3 ?? "",
    MARQUEE_PROFILE: "loop",
    SPOOL_FOLDER: join(folder, "spool"),
    SCHEDULER_API_TOKEN: API_TOKEN,
    ALERTMANAGER_WEBHOOK_TOKEN: WEBHOOK_TOKEN,
    QUALITY_INTERVAL_SECONDS: "1",
    RETRAIN_COOL_DOWN_SECONDS: "1",
    // The weekly training would only disturb: it is alerts that are to train here.
    TRAIN_SCHEDULE: "0 0 1 1 *",
    SKEW_SCHEDULE: "0 0 1 1 *",
  };
}
