import { createMemoryOnlineStore } from "@marquee/shared/backing/online-store/memory-online-store";
import { materializeContract } from "./materialize.contract.ts";

materializeContract("the online store in memory", async (clock) => createMemoryOnlineStore(clock));
