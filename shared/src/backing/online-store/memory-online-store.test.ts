import { createMemoryOnlineStore } from "./memory-online-store.ts";
import { onlineStoreContract } from "./online-store.contract.ts";

onlineStoreContract("the memory online store", async (clock) => createMemoryOnlineStore(clock));
