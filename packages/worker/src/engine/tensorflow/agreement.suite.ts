import { type OptimizerConfig, optimizerConfigSchema } from '@lockstep/core';
import { type Batch, Random } from '@lockstep/core/data';
import { type ModelSpec, zoo } from '@lockstep/core/model';
import { expect, it } from 'vitest';
import { createOptimizer } from '../../optimizer/index.js';
import type { Engine, LoadedModel } from '../engine.js';
import { syntheticBatch } from '../examples.suite.js';
import { EagerTwin } from './eager.suite.js';

export interface Training {
  readonly spec: ModelSpec;
  readonly imageShape: readonly [number, number, number];
  readonly optimizer: OptimizerConfig;
  readonly steps: number;
  readonly batch: (step: number) => Batch;
}

/** On a network of the house, with synthetic digits that it learns to tell apart. */
const trainingOf = (name: string, batchSize: number): Training => ({
  spec: zoo[name]!,
  imageShape: [28, 28, 1],
  optimizer: optimizerConfigSchema.parse({ name: 'adam', learningRate: 1e-4 }),
  steps: 50,
  batch: (step) => syntheticBatch(batchSize, step, 28, 10),
});

/** What two floating point computations of one step may differ by. */
const limit = 1e-5;

interface Differences {
  readonly loss: number;
  readonly gradient: number;
}

/**
 * Trains captured, and computes each step op by op from the same weights.
 *
 * Where a relu's input is 0 to rounding, or two inputs of a max pooling are equal to rounding, a gradient
 * jumps, and two right computations may be on different sides. There they are compared beside the jump, with
 * each weight moved by up to a thousandth; what is wrong elsewhere is wrong there, too.
 *
 * @returns the largest difference of the loss, relative to the loss, and of a weight's gradient, relative to
 *   the largest element of that gradient, or to a fiftieth of the largest of all gradients where the samples
 *   cancel each other out (a bias's gradient is about 0 where each class is right as often as it is asked
 *   for); and how many steps were compared beside a jump
 */
export async function differencesFromEager(engine: Engine, training: Training) {
  return await withBoth(engine, training, async (captured, eager) => {
    const largest = { loss: 0, gradient: 0, jumps: 0 };
    for (let step = 0; step < training.steps; step++) {
      const batch = training.batch(step);
      const state = await captured.readState();
      let differences = await differencesAt(captured, eager, batch, step);
      if (differences.gradient > limit) {
        largest.jumps += 1;
        await captured.writeState({ ...state, weights: moved(state.weights, step) });
        differences = await differencesAt(captured, eager, batch, step);
        await captured.writeState(state);
      }
      largest.loss = Math.max(largest.loss, differences.loss);
      largest.gradient = Math.max(largest.gradient, differences.gradient);
      const { gradient } = await captured.gradients(batch, { step, position: 0 });
      await captured.apply(gradient, training.optimizer.learningRate);
    }
    return largest;
  });
}

function moved(weights: Float32Array, seed: number): Float32Array {
  const random = Random.from('moved', seed);
  return weights.map((weight) => weight * (1 + (random.below(2001) - 1000) / 1e6));
}

async function differencesAt(
  captured: LoadedModel,
  eager: EagerTwin,
  batch: Batch,
  step: number,
): Promise<Differences> {
  const moment = { step, position: 0 };
  const { weights } = await captured.readState();
  const expected = await eager.gradients(weights, batch, moment);
  const { gradient, metrics } = await captured.gradients(batch, moment);
  const loss = metrics.loss!.sum / batch.size;
  const least = Math.max(...expected.gradients.map(largestOf)) / 50;
  const gradients = captured.parameters.map(({ offset, length }, i) =>
    differenceOf(gradient.subarray(offset, offset + length), expected.gradients[i]!, least),
  );
  return {
    loss: Math.abs(loss - expected.loss) / expected.loss,
    gradient: Math.max(...gradients),
  };
}

/** The largest difference, relative to the largest expected element or to `least` if that is more. */
function differenceOf(found: Float32Array, expected: Float32Array, least: number): number {
  const largest = Math.max(largestOf(expected), least);
  const differences = new Float32Array(found.length);
  for (let i = 0; i < found.length; i++) differences[i] = found[i]! - expected[i]!;
  const difference = largestOf(differences);
  return difference === 0 ? 0 : difference / largest;
}

/** As a plain loop: a callback for each of 3 million elements, at each step, takes most of the test's time. */
function largestOf(values: Float32Array): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!));
  return largest;
}

/**
 * Trains twice from the same weights: captured, each step in one call; and op by op, with the optimizer of
 * the host.
 */
async function lossCurves(engine: Engine, training: Training) {
  return await withBoth(engine, training, async (captured, eager) => {
    const curves = { captured: [] as number[], eager: [] as number[] };
    const { weights } = await captured.readState();
    const optimizer = createOptimizer(training.optimizer);
    const slots = Object.fromEntries(
      optimizer.slotNames.map((name) => [name, optimizer.initialSlot(name, weights.length)]),
    );
    const { learningRate } = training.optimizer;
    for (let step = 0; step < training.steps; step++) {
      const batch = training.batch(step);
      const moment = { step, position: 0 };
      const { loss, gradients } = await eager.gradients(weights, batch, moment);
      const gradient = new Float32Array(captured.gradientLength);
      for (const [i, { offset }] of captured.parameters.entries()) {
        gradient.set(gradients[i]!, offset);
      }
      optimizer.update(weights, gradient, slots, learningRate, step);
      curves.eager.push(loss);
      const metrics = await captured.step(batch, moment, learningRate);
      curves.captured.push(metrics.loss!.sum / batch.size);
    }
    return curves;
  });
}

async function withBoth<Result>(
  engine: Engine,
  { spec, imageShape, optimizer }: Training,
  use: (captured: LoadedModel, eager: EagerTwin) => Promise<Result>,
): Promise<Result> {
  const options = { seed: 1, optimizer, imageShape };
  const captured = await engine.load(spec, options);
  const eager = await EagerTwin.load(spec, options);
  try {
    const result = await use(captured, eager);
    expect(eager.fallbacks).toHaveLength(1);
    return result;
  } finally {
    captured.dispose();
    await eager.dispose();
  }
}

/** What is asked of every network; 1e-5 and 1e-3 are the limits of the engine's specification. */
export function expectAgreement(name: string, batchSize: number, engineOf: () => Engine): void {
  it(`${name}: from the same weights, at each of 50 steps`, async () => {
    const training = trainingOf(name, batchSize);
    const { loss, gradient, jumps } = await differencesFromEager(engineOf(), training);
    expect(loss).toBeLessThan(limit);
    expect(gradient).toBeLessThan(limit);
    expect(jumps).toBeLessThan(training.steps / 10);
  });

  it(`${name}: run freely over 50 steps, in its losses`, async () => {
    const { captured, eager } = await lossCurves(engineOf(), trainingOf(name, batchSize));
    const differences = captured.map((loss, step) => Math.abs(loss - eager[step]!));
    expect(differences).toHaveLength(50);
    expect(Math.max(...differences)).toBeLessThan(1e-3);
    expect(captured.at(-1)).toBeLessThan(captured[0]!);
  });
}
