import type { Graph, GraphVariable, Operation, Output, Pointer } from '@lockstep/tensorflow';

/** A weight with what belongs to it in one update. */
export interface Target {
  readonly weight: GraphVariable;
  readonly slots: Readonly<Record<string, GraphVariable>>;
  /** Of the weight's shape. */
  readonly gradient: Output;
  /** What `scalarsOf` gives for the step, each a float32 scalar. */
  readonly scalars: Readonly<Record<string, Output>>;
  /** Operations that read the weight and must see it as it was, or that change it first. */
  readonly after: readonly Pointer[];
}

/**
 * An optimizer as operations of the graph: the rule of its namesake in ../../../optimizer, by the fused
 * kernel of TensorFlow where that has the same formula. A kernel passes over memory once.
 */
export interface GraphUpdate {
  /**
   * What differs from step to step; computed on the host in float64, where powers of beta near 1 keep their
   * digits.
   *
   * @param iterations updates applied so far
   */
  scalarsOf(learningRate: number, iterations: number): Readonly<Record<string, number>>;
  /** Variables that the kernel wants, but that are no part of the optimizer's state. */
  readonly scratch?: readonly string[];
  update(graph: Graph, target: Target): readonly Operation[];
}

/**
 * One fused kernel.
 *
 * @param slotNames of the resources that follow the weight
 * @param inputs what follows those
 */
export function applyKernel(
  graph: Graph,
  type: string,
  { weight, slots, after }: Target,
  slotNames: readonly string[],
  inputs: readonly Output[],
  attributes: Readonly<Record<string, { readonly bool: boolean }>> = {},
): Operation {
  const resources = [weight, ...slotNames.map((name) => slots[name]!)].map(({ handle }) => handle);
  return graph.operation(type, {
    inputs: [...resources, ...inputs],
    attributes,
    after,
  });
}

/** Of the optimizers whose rate needs no correction. */
export const plainRate = (learningRate: number): { rate: number } => ({ rate: learningRate });
