import { optimizerConfigSchema } from '@lockstep/core';
import { type ModelSpec, zoo } from '@lockstep/core/model';
import { serialization, type Tensor } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Engine, LoadOptions } from '../engine.js';
import { relativeDifference, syntheticBatch } from '../examples.suite.js';
import { describeWithLibrary } from './library.suite.js';
import { createTensorflowEngine } from './tensorflow.js';

/** The identity, but it looks at the values: a graph that is being captured has none. */
class Looking extends layers.Layer {
  static readonly className = 'LockstepTestLooking';

  override call(inputs: Tensor | Tensor[]): Tensor {
    const input = Array.isArray(inputs) ? inputs[0]! : inputs;
    input.dataSync();
    return input.clone();
  }
}
serialization.registerClass(Looking);

const plain: ModelSpec = zoo.tiny!;
const looking: ModelSpec = structuredClone({ ...plain, name: 'looking' });
(looking.topology.config.layers as unknown[]).splice(3, 0, {
  class_name: Looking.className,
  config: { name: 'looking' },
});

const options: LoadOptions = {
  seed: 1,
  optimizer: optimizerConfigSchema.parse({ name: 'adam' }),
  imageShape: [28, 28, 1],
};

describeWithLibrary('a model that cannot be captured', () => {
  let engine: Engine;
  const warnings: Error[] = [];
  const collect = (warning: Error) => void warnings.push(warning);
  beforeAll(async () => {
    engine = await createTensorflowEngine({ automatic: false });
    process.on('warning', collect);
  });
  afterAll(async () => {
    process.off('warning', collect);
    await engine.dispose();
  });

  it('trains op by op as if it were captured, and says once for each pass why', async () => {
    const [captured, eager] = [
      await engine.load(plain, options),
      await engine.load(looking, options),
    ];
    await eager.writeState(await captured.readState());
    for (let step = 0; step < 3; step++) {
      const batch = syntheticBatch(8, step, 28, 10);
      const moment = { step, position: 0 };
      const expected = await captured.gradients(batch, moment);
      const found = await eager.gradients(batch, moment);
      expect(found.metrics.accuracy).toEqual(expected.metrics.accuracy);
      expect(found.metrics.loss!.sum).toBeCloseTo(expected.metrics.loss!.sum, 4);
      expect(relativeDifference(found.gradient, expected.gradient)).toBeLessThan(1e-5);
      const inPieces = await eager.gradients(batch, moment, undefined, 3);
      expect(relativeDifference(inPieces.gradient, expected.gradient)).toBeLessThan(1e-5);
      await captured.step(batch, moment, 0.001);
      await eager.step(batch, moment, 0.001);
      const outputs = await eager.predict(batch);
      expect(relativeDifference(outputs, await captured.predict(batch))).toBeLessThan(1e-4);
    }
    const state = await eager.readState();
    const reference = await captured.readState();
    expect(state.optimizer.iterations).toBe(3);
    expect(relativeDifference(state.weights, reference.weights)).toBeLessThan(1e-3);
    await new Promise(setImmediate);
    const ours = warnings.filter(({ name }) => name === 'LockstepWarning');
    expect(ours).toHaveLength(4);
    for (const [i, pass] of ['gradients', 'piece', 'step', 'predict'].entries()) {
      const { message } = ours[i]!;
      expect(message).toContain(`'${pass}' of the model 'looking' runs op by op`);
      expect(message).toMatch(/reads a tensor's values.*fallback\.test\.ts:\d+/);
    }
    captured.dispose();
    eager.dispose();
  });

  it('can be disposed of while it runs: what was asked for fails or is done', async () => {
    const model = await engine.load(looking, options);
    const moment = { step: 0, position: 0 };
    const running = [1, 2].map((step) =>
      model.step(syntheticBatch(8, step, 28, 10), moment, 0.001),
    );
    model.dispose();
    for (const each of await Promise.allSettled(running)) {
      if (each.status === 'rejected') expect(each.reason).toBeInstanceOf(Error);
      else expect(each.value.loss!.count).toBe(8);
    }
  });
});
