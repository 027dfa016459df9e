import { backup } from "./backup.ts";
import { daily } from "./daily.ts";
import type { Pipeline } from "./pipeline.ts";
import { retention } from "./retention.ts";
import { skew } from "./skew.ts";
import { train } from "./train.ts";

/** Every pipeline that there is. */
export const PIPELINES: readonly Pipeline[] = [daily, train, retention, backup, skew];
