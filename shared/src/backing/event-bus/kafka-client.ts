import kafkajs from "kafkajs";
import { MarqueeError } from "../../service/errors.ts";
import type { Logger } from "../../service/logger.ts";

// CommonJS, and not all of its names can be seen from here.
const { Kafka, logLevel, Partitioners } = kafkajs;

/** A server that does not take a connection within this is away, in milliseconds. */
const CONNECT_MS = 2_000;
/** So is one that does not answer, in milliseconds; calls that wait on purpose have their own, longer ones. */
const REQUEST_MS = 8_000;

/** Calls that somebody waits for fail within seconds, in milliseconds: 0.1, 0.2, 0.4 between four attempts. */
const IMPATIENT = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 3 };
/** A consumer waits about half a minute, long enough for a broker to be started again; then it joins its group anew. */
const PATIENT = { initialRetryTime: 100, maxRetryTime: 2_000, retries: 20 };

/** A member that is silent for so long has left its group, in milliseconds. */
const SESSION_MS = 10_000;
export const HEARTBEAT_MS = 1_000;
/** How long a rebalance waits for a member that stores a batch, in milliseconds. */
const REBALANCE_MS = 30_000;
/** An empty fetch comes back after so long, in milliseconds; a consumer that stops waits for it. */
const FETCH_WAIT_MS = 500;

/** The message's id is in a header of this name. */
export const ID_HEADER = "id";

export interface KafkaSettings {
  /** host:port,host:port … */
  KAFKA_BROKERS: string;
  KAFKA_TLS: "true" | "false";
  KAFKA_USERNAME?: string | undefined;
  KAFKA_PASSWORD?: string | undefined;
  KAFKA_SASL_MECHANISM: "scram-sha-512" | "scram-sha-256" | "plain";
}

export type KafkaAdmin = ReturnType<KafkaClient["admin"]>;
export type ProducerRecord = kafkajs.ProducerRecord;
export type KafkaConsumer = ReturnType<KafkaClient["consumer"]>;

export const GZIP = kafkajs.CompressionTypes.GZIP;
export const TOPIC_RESOURCE = kafkajs.ConfigResourceTypes.TOPIC;

/** Clients of one Kafka as we want them; kafkajs is imported here and nowhere else. */
export interface KafkaClient {
  /** The servers without credentials, for words. */
  readonly where: string;
  admin(): ReturnType<kafkajs.Kafka["admin"]>;
  producer(): ReturnType<kafkajs.Kafka["producer"]>;
  consumer(groupId: string): ReturnType<kafkajs.Kafka["consumer"]>;
}

/** @throws SETTINGS_INVALID */
export function createKafkaClient(settings: KafkaSettings, clientId: string, log: Logger): KafkaClient {
  const brokers = brokersOf(settings.KAFKA_BROKERS);
  const kafka = new Kafka({
    clientId,
    brokers,
    connectionTimeout: CONNECT_MS,
    requestTimeout: REQUEST_MS,
    retry: IMPATIENT,
    ssl: settings.KAFKA_TLS === "true",
    ...loginOf(settings),
    logLevel: logLevel.INFO,
    logCreator: () => toDebug(log),
  });
  return {
    where: brokers.join(","),
    admin: () => kafka.admin(),
    producer: () =>
      kafka.producer({
        // The broker drops what a retry sends twice, and keeps the order of one producer's messages.
        idempotent: true,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
        createPartitioner: Partitioners.DefaultPartitioner,
      }),
    consumer: (groupId) =>
      kafka.consumer({
        groupId,
        sessionTimeout: SESSION_MS,
        heartbeatInterval: HEARTBEAT_MS,
        rebalanceTimeout: REBALANCE_MS,
        maxWaitTimeInMs: FETCH_WAIT_MS,
        allowAutoTopicCreation: false,
        // Its own way of starting again cannot be stopped while it is under way.
        retry: { ...PATIENT, restartOnFailure: () => Promise.resolve(false) },
      }),
  };
}

function brokersOf(text: string): string[] {
  const brokers = text.split(",").map((broker) => broker.trim());
  if (brokers.every((broker) => /^[^\s:/]+:\d+$/.test(broker))) return brokers;
  throw new MarqueeError("SETTINGS_INVALID", "KAFKA_BROKERS: accepted is host:port, several with commas between.");
}

function loginOf({ KAFKA_USERNAME: username, KAFKA_PASSWORD: password, KAFKA_SASL_MECHANISM }: KafkaSettings) {
  if (username === undefined && password === undefined) return {};
  if (username === undefined || password === undefined) {
    throw new MarqueeError("SETTINGS_INVALID", "KAFKA_USERNAME and KAFKA_PASSWORD: set both or none.");
  }
  switch (KAFKA_SASL_MECHANISM) {
    case "plain":
      return { sasl: { mechanism: "plain" as const, username, password } };
    case "scram-sha-256":
      return { sasl: { mechanism: "scram-sha-256" as const, username, password } };
    case "scram-sha-512":
      return { sasl: { mechanism: "scram-sha-512" as const, username, password } };
  }
}

/**
 * All of it at `debug`, its errors too: each attempt of each client writes lines, they would go to topic `logs`, and so
 * swell the spool just while Kafka is away. What matters is told by who uses the client.
 */
function toDebug(log: Logger) {
  return ({ namespace, log: { message, timestamp: _timestamp, logger: _logger, ...rest } }: KafkaEntry) => {
    log.debug({ kafkajs: namespace, ...rest }, message);
  };
}

interface KafkaEntry {
  namespace: string;
  log: { message: string; [extra: string]: unknown };
}
