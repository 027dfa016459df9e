import { expect, it } from "vitest";
import { MarqueeError } from "../../service/errors.ts";
import { explainDatabaseError, serverOf } from "./database-errors.ts";

const WHERE = "db.internal:5432/marquee";
const failure = (code: string, message = "it failed") => Object.assign(new TypeError(message), { code });

it.each([
  ["ECONNREFUSED", "DATABASE_UNAVAILABLE"],
  ["ECONNRESET", "DATABASE_UNAVAILABLE"],
  ["ENOTFOUND", "DATABASE_UNAVAILABLE"],
  ["57P01", "DATABASE_UNAVAILABLE"],
  ["57P03", "DATABASE_UNAVAILABLE"],
  ["08006", "DATABASE_UNAVAILABLE"],
  ["53300", "DATABASE_UNAVAILABLE"],
  ["28P01", "SETTINGS_INVALID"],
  ["3D000", "SETTINGS_INVALID"],
  ["53100", "DISK_FULL"],
])("calls %s %s", (code, expected) => {
  expect(explainDatabaseError(failure(code), WHERE)).toMatchObject({ code: expected });
});

it.each(["23505", "42601", "57014", ""])("leaves %j, an error of the statement itself, as it came", (code) => {
  const error = failure(code);
  expect(explainDatabaseError(error, WHERE)).toBe(error);
});

it("names the server and keeps what lies underneath", () => {
  const error = failure("ECONNREFUSED", "connect ECONNREFUSED");
  expect(explainDatabaseError(error, WHERE)).toMatchObject({
    message: expect.stringContaining("db.internal:5432/marquee cannot be reached: connect ECONNREFUSED"),
    cause: error,
    retriable: true,
  });
});

it("tells each address's failure where a name has several", () => {
  const error = Object.assign(
    new AggregateError([failure("ECONNREFUSED", "::1"), failure("ECONNREFUSED", "127.0.0.1")]),
    {
      code: "ECONNREFUSED",
    },
  );
  expect(String(explainDatabaseError(error, WHERE))).toContain("::1; 127.0.0.1");
});

it("leaves an error that is explained already", () => {
  const error = new MarqueeError("FILM_UNKNOWN", "There is no such film.");
  expect(explainDatabaseError(error, WHERE)).toBe(error);
});

it("names a server without its credentials", () => {
  expect(serverOf("postgres://user:secret@db.internal:5432/marquee?sslmode=require")).toBe("db.internal:5432/marquee");
  expect(serverOf("no url: secret")).toBe("DATABASE_URL");
});
