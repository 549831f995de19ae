import { Random } from '@lockstep/core/data';
import { CapturedFunction, GraphSpace, startTensorFlow } from '@lockstep/tensorflow';
import { findEngine } from '@lockstep/tensorflow/install';
import {
  mean,
  memory,
  setBackend,
  square,
  type Tensor,
  variableGrads,
} from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { relativeDifference } from '../examples.suite.js';
import { variableOf } from '../tfjs/network.js';
import { describeWithLibrary } from './library.suite.js';

/**
 * The engine refuses the layer (its statistics would differ by rank), capture does not: assigning variables
 * in the forward pass is what it must be able to do.
 */
describeWithLibrary('a captured batch normalization', () => {
  it('moves its statistics in the graph as op by op, over 5 steps', async () => {
    const tensorflow = startTensorFlow((await findEngine())!.library);
    await setBackend('tensorflow');
    const before = memory().numTensors;
    const layer = layers.batchNormalization({ inputShape: [4], momentum: 0.8 });
    const network = sequential({ layers: [layer, layers.dense({ units: 2 })] });
    const variables = network.weights.map(variableOf);
    const trainable = network.trainableWeights.map(variableOf);
    const initial = variables.map((variable) => variable.dataSync<'float32'>().slice());
    const statistics: Float32Array[] = [];
    const gradients: Float32Array[] = [];
    for (const options of [{}, { maxShapes: 0, onFallback: () => {} }]) {
      const space = new GraphSpace(tensorflow);
      const targets = variables.map(({ name, shape }) => space.variable(name, shape));
      for (const [i, variable] of variables.entries()) space.bind(variable, targets[i]!);
      await space.writeFrom(targets, Float32Array.from(initial.flatMap((each) => [...each])));
      const step = new CapturedFunction(
        space,
        ({ x }) => {
          const { value, grads } = variableGrads(
            () => mean(square(network.apply(x!, { training: true }) as Tensor)),
            trainable,
          );
          return { value, gradient: grads[trainable[0]!.name]! };
        },
        { name: 'step', inputs: { x: { dtype: 'float32', shape: [null, 4] } }, ...options },
      );
      const random = Random.from('batches', 1);
      for (let count = 0; count < 5; count++) {
        const x = Float32Array.from({ length: 24 }, (_, i) => random.below(100) / 10 + i);
        const { gradient } = await step.run({ x });
        if (count === 4) gradients.push(gradient as Float32Array);
      }
      const moved = targets.filter(({ name }) => name.includes('moving'));
      const values = new Float32Array(8);
      await space.readInto(moved, values);
      statistics.push(values);
      await space.delete();
    }
    expect(statistics[0]!.some((value) => value > 5)).toBe(true);
    expect(relativeDifference(statistics[0]!, statistics[1]!)).toBeLessThan(1e-6);
    expect(relativeDifference(gradients[0]!, gradients[1]!)).toBeLessThan(1e-5);
    network.dispose();
    expect(memory().numTensors).toBe(before);
  });
});
