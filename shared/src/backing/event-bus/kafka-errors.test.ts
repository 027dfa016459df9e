import { describe, expect, it } from "vitest";
import { MarqueeError } from "../../service/errors.ts";
import { explainKafkaError } from "./kafka-errors.ts";

const where = "kafka:9092";
const named = (message: string, properties: object, cause?: Error) =>
  Object.assign(new Error(message, cause ? { cause } : {}), properties);

describe("what Kafka's client throws becomes", () => {
  it.each([
    ["a server that is not there", named("Connection error: connect ECONNREFUSED", {}), "EVENT_BUS_UNAVAILABLE", true],
    [
      "a topic that is not there",
      named("no such topic", { type: "UNKNOWN_TOPIC_OR_PARTITION" }),
      "EVENT_BUS_UNAVAILABLE",
      true,
    ],
    ["a wrong password", named("bad", { name: "KafkaJSSASLAuthenticationError" }), "SETTINGS_INVALID", false],
    ["a login that is not expected", named("bad", { type: "ILLEGAL_SASL_STATE" }), "SETTINGS_INVALID", false],
    [
      "a wrong password, tried often",
      named(
        "gave up",
        { name: "KafkaJSNumberOfRetriesExceeded" },
        named("bad", { name: "KafkaJSSASLAuthenticationError" }),
      ),
      "SETTINGS_INVALID",
      false,
    ],
    [
      "an unknown certificate",
      named("self-signed certificate", { code: "DEPTH_ZERO_SELF_SIGNED_CERT" }),
      "SETTINGS_INVALID",
      false,
    ],
    ["something else that was thrown", "text", "EVENT_BUS_UNAVAILABLE", true],
  ])("the table's error, in words: %s", (_what, thrown, code, retriable) => {
    const error = explainKafkaError(thrown, where);
    expect(error).toMatchObject({ code, retriable, cause: thrown });
    expect(error.message).toContain(`The event bus at ${where}`);
  });

  it("itself where it is the table's error already", () => {
    const error = new MarqueeError("SPOOL_FULL", "full");
    expect(explainKafkaError(error, where)).toBe(error);
  });
});
