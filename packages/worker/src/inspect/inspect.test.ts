import { type ModelSpec, parametersOf, zoo } from '@lockstep/core/model';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../engine/index.js';
import { inspectModel } from './inspect.js';

const image = Uint8Array.from({ length: 784 }, (_none, place) => (place * 7) % 256);
const load = {
  seed: 3,
  optimizer: { name: 'sgd', learningRate: 0.01, momentum: 0, nesterov: false },
  imageShape: [28, 28, 1],
} as const;

describe('inspectModel', () => {
  it.each(Object.keys(zoo))('sees in %s what its engine computes with', async (name) => {
    const spec = zoo[name]!;
    const engine = await createEngine('cpu');
    const loaded = await engine.load(spec, load);
    const { weights } = await loaded.readState();
    const inspected = await inspectModel(spec, weights);
    const last = inspected.outputs(image).at(-1)!;
    const predicted = await loaded.predict({ size: 1, images: image });
    expect(last.shape).toEqual([10]);
    for (const [digit, probability] of predicted.entries()) {
      expect(last.values[digit]).toBeCloseTo(probability, 5);
    }
    expect(parametersOf(inspected.description.layers)).toBe(weights.length);
    inspected.dispose();
    await engine.dispose();
  });

  it("tells the tiny network's layers, shapes and weights", async () => {
    const { description, outputs } = await inspectModel(zoo.tiny!);
    const rows = description.layers.map((layer) => [
      layer.name,
      layer.className,
      layer.outputShape,
      parametersOf([layer]),
      layer.inputs,
    ]);
    expect(rows).toEqual([
      ['conv2d', 'Conv2D', [null, 26, 26, 3], 30, [expect.any(String)]],
      ['max_pooling2d', 'MaxPooling2D', [null, 13, 13, 3], 0, ['conv2d']],
      ['flatten', 'Flatten', [null, 507], 0, ['max_pooling2d']],
      ['dense', 'Dense', [null, 100], 50_800, ['flatten']],
      ['dense_1', 'Dense', [null, 10], 1_010, ['dense']],
    ]);
    const [kernel, bias] = description.layers[0]!.weights;
    expect(kernel).toEqual({
      ...{ name: 'kernel', shape: [3, 3, 1, 3], trainable: true },
      ...{ offset: 0, length: 27 },
    });
    expect(bias).toMatchObject({ name: 'bias', shape: [3], offset: 27, length: 3 });
    expect(outputs(image).map(({ shape }) => shape)).toEqual([
      [26, 26, 3],
      [13, 13, 3],
      [507],
      [100],
      [10],
    ]);
  });

  it('tells a functional model with two branches, and which weights are frozen', async () => {
    const spec = branched();
    const { description } = await inspectModel(spec);
    const byName = new Map(description.layers.map((layer) => [layer.name, layer]));
    expect(byName.get('image')!.className).toBe('InputLayer');
    expect(byName.get('both')!.inputs).toEqual(['left', 'right']);
    expect(byName.get('left')!.inputs).toEqual(byName.get('right')!.inputs);
    const frozen = parametersOf(description.layers, ({ trainable }) => !trainable);
    expect(frozen).toBe(16 * 4 + 4);
  });

  it('refuses weights of another model', async () => {
    await expect(inspectModel(zoo.tiny!, new Float32Array(7))).rejects.toMatchObject({
      code: 'CHECKPOINT_MISMATCH',
      message: expect.stringContaining('51840'),
    });
  });
});

function branched(): ModelSpec {
  const node = (name: string, className: string, config: object, from: string[]) => ({
    class_name: className,
    name,
    config: { name, ...config },
    inbound_nodes: from.length === 0 ? [] : [from.map((each) => [each, 0, 0, {}])],
  });
  const shape = { batch_input_shape: [null, 4, 4, 1], dtype: 'float32' };
  const layers = [
    node('image', 'InputLayer', shape, []),
    node('flat', 'Flatten', {}, ['image']),
    node('left', 'Dense', { units: 4, activation: 'relu', trainable: false }, ['flat']),
    node('right', 'Dense', { units: 4, activation: 'relu' }, ['flat']),
    node('both', 'Concatenate', { axis: -1 }, ['left', 'right']),
    node('out', 'Dense', { units: 3, activation: 'softmax' }, ['both']),
  ];
  const ends = { input_layers: [['image', 0, 0]], output_layers: [['out', 0, 0]] };
  const config = { name: 'branched', layers, ...ends };
  const topology = { class_name: 'Model', config };
  return { name: 'branched', topology, loss: 'sparse_categorical_crossentropy' };
}
