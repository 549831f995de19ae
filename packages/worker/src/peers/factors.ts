import {
  FactorExchange,
  type FactoredKernel,
  isWorthFactoring,
  type Reducer,
} from '@lockstep/core/reducer';
import type { LoadedModel } from '../engine/index.js';

interface Step {
  readonly rank: number;
  readonly worldSize: number;
  readonly gradientLength: number;
  /** Samples of a global batch. */
  readonly batchSize: number;
  /** Parts of a rank's batch. */
  readonly accumulate: number;
  /** Whether each rank looks for NaN in its gradient, which it must have for that. */
  readonly guarded: boolean;
  readonly model: Pick<LoadedModel, 'factors'>;
}

/**
 * The exchange by which ranks average where that is quicker than to add up gradients; null: it is not. To be called by
 * all ranks of the reducer, which may have different engines: what one of them has not as factors, all of them add up.
 */
export async function agreeOnFactors(
  reducer: Reducer,
  { rank, worldSize, gradientLength, batchSize: samples, accumulate, guarded, model }: Step,
): Promise<FactorExchange | null> {
  const { factors } = model;
  if (reducer.shared === null || accumulate > 1 || guarded) return null;
  // The first rank has the largest part of a batch.
  const most = Math.ceil(samples / worldSize);
  const isWanted = (kernel: FactoredKernel) => isWorthFactoring(kernel, samples);
  let failure: unknown = null;
  const possible = await (factors?.kernelsFor(most, isWanted) ?? Promise.resolve([])).catch(
    (thrown: unknown) => {
      // The others wait for this rank's part of the agreement.
      failure = thrown;
      return [];
    },
  );
  const votes = reducer.input().fill(0);
  for (const { offset } of possible) votes[offset] = 1;
  const sum = await reducer.allReduce(1);
  if (failure !== null) throw failure;
  const kernels = possible.filter(({ offset }) => sum[offset] === worldSize);
  if (factors === null || kernels.length === 0) return null;
  const options = { rank, worldSize, gradientLength, samples, kernels };
  return new FactorExchange(options, reducer, (products) => factors.multiply(products));
}
