import { describe, expect, it } from "vitest";
import { createPartMetrics } from "./part-metrics.ts";

describe("the metrics of one process that is several parts", () => {
  it("are one text, in which a metric that several parts have stands once, with the series of each", async () => {
    const parts = createPartMetrics();
    const options = { name: "messages_consumed_total", help: "Messages received", labels: ["topic"] };
    parts.logs.counter(options).inc({ topic: "logs" }, 2);
    parts.events.counter(options).inc({ topic: "events.user" }, 3);
    parts.serving.histogram({ name: "seconds", help: "Time", buckets: [1] }).observe(0.5);
    const text = await parts.serving.text();
    expect(text.match(/^# TYPE marquee_messages_consumed_total counter$/gm)).toHaveLength(1);
    expect(text).toContain('marquee_messages_consumed_total{topic="logs",service="logs"} 2\n');
    expect(text).toContain('marquee_messages_consumed_total{topic="events.user",service="events"} 3\n');
    expect(text).toContain('marquee_seconds_bucket{le="1",service="serving"} 1\n');
  });

  it("have what is the process's once", async () => {
    const text = await createPartMetrics().serving.text();
    expect(text.match(/^process_cpu_seconds_total\{.*$/gm)).toEqual([
      expect.stringMatching(/^process_cpu_seconds_total\{service="local"\}/),
    ]);
  });
});
