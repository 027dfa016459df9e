import { setting } from "@marquee/shared/service/env";
import { z } from "zod";

/** What the command line reads beside its flags. */
export const cliSettings = z.object({
  MARQUEE_URL: setting.url("http", "https").default("http://localhost:8080"),
});
