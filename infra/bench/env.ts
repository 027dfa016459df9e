import { setting } from "@marquee/shared/service/env";
import { z } from "zod";

/** What benchmarks read from the environment. */
export const benchSettings = z.object({
  /** A PostgreSQL server where databases may be made and dropped. */
  DATABASE_URL: setting.url("postgres", "postgresql"),
});
