import { parseRedisUrl, REDIS_URL_FORMS } from "../backing/online-store/redis-address.ts";
import { DEAD_RETENTION_DAYS, TOPICS } from "../contracts/topics.ts";
import { setting } from "./env.ts";
import { LOG_LEVELS } from "./logger.ts";

/**
 * Settings that several processes share; a process's `env.ts` takes what it needs. TLS towards servers with a private
 * certificate authority: Node's own NODE_EXTRA_CA_CERTS names its file.
 */

/** Every process. */
export const processSettings = {
  MARQUEE_ENV: setting.environment(),
  LOG_LEVEL: setting.oneOf(LOG_LEVELS).default("info"),
  HOST: setting.text().default("127.0.0.1"),
};

/** Whose data it is: keeps keys of several products apart in one Redis. */
export const profileSettings = { MARQUEE_PROFILE: setting.text().default("live") };

/** postgres://user:password@host:5432/marquee, with `?sslmode=verify-full` for TLS. */
export const databaseSettings = { DATABASE_URL: setting.url("postgres", "postgresql") };

/** One server or a cluster: REDIS_URL_FORMS. */
export const redisSettings = {
  REDIS_URL: setting.text().refine((text) => parseRedisUrl(text) !== undefined, {
    error: `accepted is ${REDIS_URL_FORMS}`,
  }),
};

export const objectStoreSettings = {
  OBJECT_STORE_URL: setting.url("file", "s3"),
  S3_ENDPOINT: setting.url("https", "http").optional(),
  AWS_REGION: setting.text().optional(),
};

const topicDays = (days: number) => setting.integer(1, 36_500).default(days);

/** How many days a message stays on its topic. Each process that has the bus sets it, so all are to have the same. */
export const topicRetentionSettings = {
  EVENTS_TOPIC_RETENTION_DAYS: topicDays(TOPICS["events.user"].retentionDays),
  PREDICTIONS_TOPIC_RETENTION_DAYS: topicDays(TOPICS.predictions.retentionDays),
  LOGS_TOPIC_RETENTION_DAYS: topicDays(TOPICS.logs.retentionDays),
  DEAD_TOPICS_RETENTION_DAYS: topicDays(DEAD_RETENTION_DAYS),
};

/** Unset KAFKA_BROKERS: the bus in PostgreSQL's tables. */
export const eventBusSettings = {
  KAFKA_BROKERS: setting.text().optional(),
  KAFKA_TLS: setting.oneOf(["true", "false"]).default("false"),
  KAFKA_USERNAME: setting.text().optional(),
  KAFKA_PASSWORD: setting.text().optional(),
  KAFKA_SASL_MECHANISM: setting.oneOf(["scram-sha-512", "scram-sha-256", "plain"]).default("scram-sha-512"),
  ...topicRetentionSettings,
  /** Messages wait here while the bus is away. */
  SPOOL_FOLDER: setting.text().default(".marquee/spool"),
  SPOOL_MAX_MEGABYTES: setting.integer(1, 1_000_000).default(512),
};

/** How many days a log line can be found. */
export const logRetentionSettings = { LOG_RETENTION_DAYS: setting.integer(1, 36_500).default(30) };

/** Unset ELASTICSEARCH_URL: a capped table of PostgreSQL. An API key, or user and password. */
export const logStoreSettings = {
  ELASTICSEARCH_URL: setting.url("https", "http").optional(),
  ELASTICSEARCH_API_KEY: setting.text().optional(),
  ELASTICSEARCH_USERNAME: setting.text().optional(),
  ELASTICSEARCH_PASSWORD: setting.text().optional(),
  ...logRetentionSettings,
};

/** Unset: PostgreSQL alone. The names are MLflow's own. */
export const trackingSettings = {
  MLFLOW_TRACKING_URI: setting.url("https", "http").optional(),
  MLFLOW_TRACKING_USERNAME: setting.text().optional(),
  MLFLOW_TRACKING_PASSWORD: setting.text().optional(),
};
