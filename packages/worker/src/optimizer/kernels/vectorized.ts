import type { OptimizerConfig } from '@lockstep/core';
import type { KernelMemory } from '@lockstep/core/reducer';
import { type AdamConfig, adam, stepSize } from '../adam.js';
import { checkGradient, type Optimizer, slotOf } from '../optimizer.js';
import { adamBinary } from './adamBinary.js';

/** Byte offset in the memory. */
type Address = number;

/** What adam.wat exports; see there for what it computes. */
interface AdamKernel {
  adam(
    weights: Address,
    gradient: Address,
    momentum: Address,
    velocity: Address,
    length: number,
    rate: number,
    gain1: number,
    gain2: number,
    epsilon: number,
    least1: number,
    least2: number,
  ): void;
}

/** Below it, float32 has fewer digits, and some processors take many times as long. */
const leastNormal = 2 ** -126;
/** With less, it matters that velocities below `leastNormal / gain` are taken for 0: their roots are 4e-18. */
const leastEpsilon = 1e-12;

/**
 * The update rule by vector instructions in one pass, for arrays in this memory: that of `createOptimizer`, with
 * every operation rounded to float32. For `adam`, without amsgrad: 347,000 weights in 0.21 ms, where TensorFlow's
 * kernel takes twice as long.
 *
 * @returns null where there is none for this configuration
 */
export async function vectorized(
  config: OptimizerConfig,
  memory: KernelMemory,
): Promise<Optimizer | null> {
  if (config.name !== 'adam' || config.amsgrad || config.epsilon < leastEpsilon) return null;
  return vectorizedAdam(config, memory);
}

async function vectorizedAdam(config: AdamConfig, memory: KernelMemory): Promise<Optimizer> {
  const kernel = (await memory.instantiate(adamBinary)) as AdamKernel;
  const { slotNames, initialSlot } = adam(config);
  const gains = [1 - config.beta1, 1 - config.beta2] as const;
  return {
    slotNames,
    initialSlot,
    update(weights, gradient, slots, learningRate, iterations) {
      checkGradient(weights, gradient);
      const momentum = slotOf(slots, 'momentum', weights);
      const velocity = slotOf(slots, 'velocity', weights);
      const arrays = [weights, gradient, momentum, velocity] as const;
      memory.expectWithin(...arrays);
      const [w, g, m, v] = arrays.map(({ byteOffset }) => byteOffset);
      kernel.adam(
        w!,
        g!,
        m!,
        v!,
        weights.length,
        stepSize(config, learningRate, iterations),
        ...gains,
        config.epsilon,
        leastNormal / gains[0],
        leastNormal / gains[1],
      );
    },
  };
}
