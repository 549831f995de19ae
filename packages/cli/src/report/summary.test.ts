import { readFileSync } from 'node:fs';
import { type ModelSpec, zoo } from '@lockstep/core/model';
import { summaryTable } from '@lockstep/report';
import { inspectModel } from '@lockstep/worker';
import { expect, it } from 'vitest';

/** What Keras 3.15 prints; made by tools/golden/keras_summaries.py. */
const golden = JSON.parse(
  readFileSync(new URL('keras.golden.json', import.meta.url), 'utf8'),
) as Record<string, string>;

it.each(Object.keys(zoo))('prints of %s and Adam what Keras prints', async (name) => {
  const { description } = await inspectModel(zoo[name]!);
  const weights = description.layers.flatMap((layer) => layer.weights);
  const trainable = weights.reduce((sum, { length }) => sum + length, 0);
  const adam = { description: 'adam', stateLength: 2 * trainable };
  expect(summaryTable(description, adam)).toBe(`${golden[name]}\n Optimizer: adam`);
});

it('prints of a model with branches, untrained, what Keras prints', async () => {
  const { description } = await inspectModel(branched());
  expect(summaryTable(description, null)).toBe(golden.branched);
});

function branched(): ModelSpec {
  const node = (className: string, name: string, config: object, ...from: string[]) => ({
    class_name: className,
    name,
    config: { name, ...config },
    inbound_nodes: from.length === 0 ? [] : [from.map((each) => [each, 0, 0, {}])],
  });
  const last = 'a_layer_with_a_very_long_name_indeed';
  const layers = [
    node('InputLayer', 'image', { batch_input_shape: [null, 4, 4, 1], dtype: 'float32' }),
    node('Flatten', 'flat', {}, 'image'),
    node('Dense', 'left', { units: 4, activation: 'relu', trainable: false }, 'flat'),
    node('Dense', 'right', { units: 4, activation: 'relu' }, 'flat'),
    node('Concatenate', 'both', { axis: -1 }, 'left', 'right'),
    node('Dense', last, { units: 3, activation: 'softmax' }, 'both'),
  ];
  const ends = { input_layers: [['image', 0, 0]], output_layers: [[last, 0, 0]] };
  return {
    name: 'branched',
    topology: { class_name: 'Model', config: { name: 'branched', layers, ...ends } },
    loss: 'sparse_categorical_crossentropy',
  };
}
