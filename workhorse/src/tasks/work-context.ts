import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import type { ModelTracking } from "@marquee/shared/backing/tracking/model-tracking";
import type { CalendarDate } from "@marquee/shared/contracts/time";
import type { SourceClients } from "../sources/source-clients.ts";
import type { BackendChoice } from "../training/training-settings.ts";
import type { TaskContext } from "./task-context.ts";

/** How features and models are made unless a task's input says otherwise. */
export interface WorkOptions {
  /** Days until another film's rating counts in features. */
  maturityDays: number;
  backend: BackendChoice;
  seed: number;
  testFrom: CalendarDate | undefined;
}

/** What the tasks of workers are given: all that any of them needs. */
export interface WorkContext extends TaskContext {
  onlineStore: OnlineStore;
  sources: SourceClients;
  /** Where models are mirrored to; undefined: nowhere. */
  tracking: ModelTracking | undefined;
  options: WorkOptions;
}
