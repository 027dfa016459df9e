import { eventBusSettings, logStoreSettings, trackingSettings } from "@marquee/shared/service/backing-settings";
import { z } from "zod";
import { localSettings } from "../../local/env.ts";

/** Every setting that names a dependency, of whichever process. */
export const doctorSettings = z.object({
  ...localSettings.shape,
  ...eventBusSettings,
  ...logStoreSettings,
  ...trackingSettings,
});
export type DoctorSettings = z.infer<typeof doctorSettings>;
