import util from "node:util";
import { errorMessage, MarqueeError } from "@marquee/shared/service/errors";
import * as tf from "@tensorflow/tfjs";
import type { BackendChoice, BackendName } from "./training-settings.ts";

/**
 * Makes TensorFlow.js ready in this process. `auto` takes the native library where it is installed.
 * @throws MarqueeError TRAINING_BACKEND_UNAVAILABLE
 */
export async function selectBackend(choice: BackendChoice): Promise<{ name: BackendName }> {
  if (choice === "wasm") return selectWasm();
  try {
    return await selectNative();
  } catch (error) {
    if (choice === "auto") return selectWasm();
    throw new MarqueeError(
      "TRAINING_BACKEND_UNAVAILABLE",
      "The native TensorFlow library is not usable here. Install it with `npm install @tensorflow/tfjs-node` (an optional " +
        `dependency; it fetches or builds a binary for this platform), or train on "wasm". ${errorMessage(error)}`,
      { cause: error },
    );
  }
}

async function selectNative(): Promise<{ name: BackendName }> {
  // tfjs-node 4.22 calls a function that Node 23 took out of node:util.
  const legacy = util as typeof util & { isNullOrUndefined?: (value: unknown) => boolean };
  legacy.isNullOrUndefined ??= (value) => value === null || value === undefined;
  await import("@tensorflow/tfjs-node" as string);
  await activate("tensorflow");
  return { name: "native" };
}

async function selectWasm(): Promise<{ name: BackendName }> {
  await import("@tensorflow/tfjs-backend-wasm");
  await activate("wasm");
  return { name: "wasm" };
}

async function activate(tensorflowName: string): Promise<void> {
  if (!(await tf.setBackend(tensorflowName))) {
    throw new MarqueeError(
      "TRAINING_BACKEND_UNAVAILABLE",
      `TensorFlow.js could not start its backend "${tensorflowName}" on this machine.`,
    );
  }
  await tf.ready();
}
