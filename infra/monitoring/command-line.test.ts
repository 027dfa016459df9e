import { describe, expect, it } from "vitest";
import { parseCommandLine } from "./command-line.ts";
import { AS_SHIPPED } from "./monitoring-files.ts";

describe("npm run monitoring", () => {
  it("writes the shipped files into the repository where nothing is said", () => {
    expect(parseCommandLine([])).toEqual({ help: false, out: undefined, options: AS_SHIPPED });
  });

  it("takes the team's channel, scraping credentials and a scale for a folder of one's own", () => {
    const words = ["--out", "/tmp/x", "--scale", "0.02", "--slack-url-file", "/run/secrets/slack"];
    expect(parseCommandLine([...words, "--scrape-credentials-file", "/run/secrets/scrape"])).toEqual({
      help: false,
      out: "/tmp/x",
      options: {
        ...AS_SHIPPED,
        scale: 0.02,
        credentialsFile: "/run/secrets/scrape",
        slack: { urlFile: "/run/secrets/slack", channel: "#marquee" },
      },
    });
  });

  it.each([
    ["other settings are never written over the committed files", ["--scale", "0.5"], "add --out DIR"],
    ["a scale is a number above 0", ["--out", "x", "--scale", "0"], "accepted is a number above 0"],
    ["a channel alone tells nobody", ["--out", "x", "--slack-channel", "#a"], "needs --slack-url-file"],
    ["an unknown option is refused", ["--colour"], "--help lists the options"],
  ])("%s", (_sentence, words, message) => {
    expect(() => parseCommandLine(words)).toThrow(
      expect.objectContaining({ code: "USAGE", message: expect.stringContaining(message) }),
    );
  });
});
