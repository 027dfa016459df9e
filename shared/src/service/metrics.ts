import {
  AggregatorRegistry,
  Counter,
  type CounterConfiguration,
  collectDefaultMetrics,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  Registry,
} from "prom-client";

/** Seconds; fine where predictions live (under 100 ms), coarse above. */
export const LATENCY_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface MetricOptions {
  /** Snake case with the unit as suffix; `marquee_` is put in front. */
  name: string;
  help: string;
  labels?: readonly string[];
}

export interface Metrics {
  /** @param options `collect` as for a gauge: for what is counted elsewhere, and reset here before it is told. */
  counter(options: MetricOptions & { collect?: CounterConfiguration<string>["collect"] }): Counter<string>;
  /** @param options `collect` is called, with the gauge as `this`, and awaited at each scrape before the gauge is read. */
  gauge(options: MetricOptions & { collect?: GaugeConfiguration<string>["collect"] }): Gauge<string>;
  histogram(options: MetricOptions & { buckets?: number[] }): Histogram<string>;
  /** The exposition text that Prometheus scrapes. */
  text(): Promise<string>;
  readonly contentType: string;
  /** The same, for `mergedText`. */
  samples(): Promise<object[]>;
}

export interface MetricsOptions {
  /** Memory, garbage collection, event loop and the like; of the parts of one process one shows them. True unless given. */
  ofProcess?: boolean;
}

/** A registry of its own for each process, or part of one: no global state, so two apps in one test do not meet. */
export function createMetrics(service: string, { ofProcess = true }: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  if (ofProcess) collectDefaultMetrics({ register: registry });
  const named = ({ name, help, labels }: MetricOptions) => ({
    name: `marquee_${name}`,
    help,
    labelNames: [...(labels ?? [])],
    registers: [registry],
  });
  return {
    counter: (options) => new Counter({ ...named(options), ...(options.collect ? { collect: options.collect } : {}) }),
    gauge: (options) => new Gauge({ ...named(options), ...(options.collect ? { collect: options.collect } : {}) }),
    histogram: (options) => new Histogram({ ...named(options), buckets: options.buckets ?? LATENCY_BUCKETS_SECONDS }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
    samples: () => registry.getMetricsAsJSON(),
  };
}

/** What the parts of one process show, as one text: a metric that several have stands there once, with the series of each. */
export async function mergedText(parts: readonly Metrics[]): Promise<string> {
  const samples = await Promise.all(parts.map((part) => part.samples()));
  return AggregatorRegistry.aggregate(samples).metrics();
}
