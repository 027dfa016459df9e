import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import type { ModelTracking } from "@marquee/shared/backing/tracking/model-tracking";
import type { CalendarDate } from "@marquee/shared/contracts/time";
import type { BackupContext } from "../backup/backup-context.ts";
import type { RetentionDays } from "../data-rights/retention-settings.ts";
import type { SourceClients } from "../sources/source-clients.ts";
import type { BackendChoice } from "../training/training-settings.ts";

/** How features and models are made unless a task's input says otherwise, and how long things are kept. */
export interface WorkOptions {
  /** Days until another film's rating counts in features. */
  maturityDays: number;
  /** Who this is, for the registry of views; the operating system's user unless given. */
  actor?: string | undefined;
  backend: BackendChoice;
  seed: number;
  testFrom: CalendarDate | undefined;
  retention: RetentionDays;
}

/** What the tasks of workers are given: all that any of them needs. */
export interface WorkContext extends BackupContext {
  onlineStore: OnlineStore;
  sources: SourceClients;
  /** Where models are mirrored to; undefined: nowhere. */
  tracking: ModelTracking | undefined;
  options: WorkOptions;
}
