/** Decay rates of the two moments and the guard against division by zero, as in the paper. */
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** One array of weights under training. */
export interface Parameter {
  /** Row-major. */
  readonly values: Float32Array;
  readonly shape: readonly number[];
  /** Biases are not drawn towards zero. */
  readonly decays: boolean;
}

export interface AdamW {
  /**
   * Updates every parameter in place.
   * @param gradients one array per parameter, in the order given at creation
   */
  step(gradients: readonly ArrayLike<number>[], learningRate: number): void;
}

/**
 * Adam with decoupled weight decay (Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101, algorithm 2): the decay
 * is learningRate × weightDecay × weight and stays out of the moments.
 */
export function createAdamW(parameters: readonly Parameter[], weightDecay: number): AdamW {
  const slots = parameters.map(({ values, decays }) => ({
    values,
    decay: decays ? weightDecay : 0,
    first: new Float32Array(values.length),
    second: new Float32Array(values.length),
  }));
  let steps = 0;
  return {
    step(gradients, learningRate) {
      steps++;
      const scale1 = 1 / (1 - BETA1 ** steps);
      const scale2 = 1 / (1 - BETA2 ** steps);
      slots.forEach(({ values, decay, first, second }, slot) => {
        const gradient = gradients[slot] ?? [];
        const kept = 1 - learningRate * decay;
        for (let i = 0; i < values.length; i++) {
          const slope = gradient[i] ?? 0;
          const mean = BETA1 * (first[i] ?? 0) + (1 - BETA1) * slope;
          const square = BETA2 * (second[i] ?? 0) + (1 - BETA2) * slope * slope;
          first[i] = mean;
          second[i] = square;
          const move = (mean * scale1) / (Math.sqrt(square * scale2) + EPSILON);
          values[i] = kept * (values[i] ?? 0) - learningRate * move;
        }
      });
    },
  };
}

/**
 * Linear warm-up, then half a cosine down to zero (Loshchilov & Hutter 2017, https://arxiv.org/abs/1608.03983).
 * @param progress 0 at the first step, 1 after the last
 * @param warmUp share of the steps in which the rate rises, above 0 and below 1
 * @returns factor on the peak learning rate
 */
export function warmUpCosine(progress: number, warmUp: number): number {
  if (progress < warmUp) return progress / warmUp;
  return 0.5 * (1 + Math.cos((Math.PI * (progress - warmUp)) / (1 - warmUp)));
}
