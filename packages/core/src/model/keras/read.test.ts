import { describe, expect, it } from 'vitest';
import { canonicalTopology } from './canonical.js';
import { readTopology } from './read.js';

const policy = { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' } };
const layer = (class_name: string, config: Record<string, unknown>, more: object = {}) => ({
  module: 'keras.layers',
  class_name,
  config: { dtype: policy, ...config },
  registered_name: null,
  ...more,
});
const input = layer('InputLayer', { batch_shape: [null, 4], dtype: 'float32', name: 'in' });
const sequential = (layers: unknown[], config: Record<string, unknown> = {}) => ({
  module: 'keras',
  class_name: 'Sequential',
  config: { name: 'net', dtype: policy, layers, ...config },
  registered_name: null,
});
const layersIn = (topology: { config: Record<string, unknown> }) =>
  topology.config.layers as { class_name: string; config: Record<string, unknown> }[];

describe('canonicalTopology', () => {
  it('brings the settings of Keras 3 into the words of Keras 2', () => {
    const given = sequential([
      input,
      layer('Dense', {
        name: 'dense',
        units: 3,
        activation: 'hard_sigmoid',
        kernel_initializer: { module: 'keras.initializers', class_name: 'HeNormal', config: {} },
        kernel_regularizer: { module: 'keras.regularizers', class_name: 'L2', config: { l2: 0.5 } },
        bias_regularizer: 'l1',
      }),
      layer('LeakyReLU', { name: 'leaky', negative_slope: 0.1 }),
    ]);
    const [first, dense, leaky] = layersIn(canonicalTopology(given));
    expect(first!.config).toEqual({
      batch_input_shape: [null, 4],
      dtype: 'float32',
      name: 'in',
    });
    expect(dense!.config).toEqual({
      dtype: 'float32',
      name: 'dense',
      units: 3,
      activation: 'hard_sigmoid_keras3',
      kernel_initializer: { class_name: 'HeNormal', config: {} },
      kernel_regularizer: { class_name: 'L1L2', config: { l1: 0, l2: 0.5 } },
      bias_regularizer: { class_name: 'L1L2', config: { l1: 0.01, l2: 0 } },
    });
    expect(leaky!.config).toEqual({ dtype: 'float32', name: 'leaky', alpha: 0.1 });
  });

  it('leaves what is canonical as it is', () => {
    const once = canonicalTopology(sequential([input, layer('Dense', { name: 'a', units: 2 })]));
    expect(canonicalTopology(once)).toEqual(once);
  });

  it('keeps the hard_sigmoid of Keras 2', () => {
    const { module: _module, ...given } = sequential([
      layer('Dense', { name: 'a', units: 2, activation: 'hard_sigmoid' }),
    ]);
    const [dense] = layersIn(canonicalTopology(given));
    expect(dense!.config.activation).toBe('hard_sigmoid');
  });

  it('gives a Sequential without an InputLayer the shape that it was built with', () => {
    const given = sequential([layer('Dense', { name: 'a', units: 2 })], {
      build_input_shape: [null, 7],
    });
    expect(layersIn(canonicalTopology(given))[0]!.config.batch_input_shape).toEqual([null, 7]);
  });

  it('finds the tensors in the arguments of a call', () => {
    const tensor = (name: string) => ({
      class_name: '__keras_tensor__',
      config: { shape: [null, 4], dtype: 'float32', keras_history: [name, 0, 0] },
    });
    const call = (args: unknown[], kwargs: object = {}) => [{ args, kwargs }];
    const graph = (kwargs: object) => ({
      module: 'keras.src.models.functional',
      class_name: 'Functional',
      config: {
        layers: [
          { ...input, name: 'in', inbound_nodes: [] },
          layer(
            'Add',
            {},
            { name: 'add', inbound_nodes: call([[tensor('in'), tensor('in')]], kwargs) },
          ),
        ],
        input_layers: ['in', 0, 0],
        output_layers: [['add', 0, 0]],
      },
    });
    const { config } = canonicalTopology(graph({ mask: null, training: false }));
    expect(config.input_layers).toEqual([['in', 0, 0]]);
    expect(config.output_layers).toEqual([['add', 0, 0]]);
    expect((config.layers as object[])[1]).toMatchObject({
      name: 'add',
      config: { name: 'add' },
      inbound_nodes: [
        [
          ['in', 0, 0, {}],
          ['in', 0, 0, {}],
        ],
      ],
    });
    expect(() => canonicalTopology(graph({ mask: tensor('in') }))).toThrowError(/argument 'mask'/);
  });

  it('refuses what is not a model, and types that weights are not in', () => {
    for (const given of [null, 3, [], {}, { class_name: 'Sequential' }]) {
      expect(() => canonicalTopology(given)).toThrow(expect.objectContaining({ code: 'USAGE' }));
    }
    const half = { ...policy, config: { name: 'float16' } };
    const given = sequential([layer('Dense', { name: 'a', dtype: half })]);
    expect(() => canonicalTopology(given)).toThrowError(/'a' has the dtype policy "float16"/);
  });
});

describe('readTopology', () => {
  const model = sequential([input]);
  const { topology } = readTopology(JSON.stringify(model), 'net.json');

  it.each<[string, unknown]>([
    ['to_json of Keras', model],
    ['toJSON of TensorFlow.js, wrapped once more', JSON.stringify(model)],
    ['model.json of TensorFlow.js', { format: 'layers-model', modelTopology: model }],
    ['with its training', { modelTopology: { model_config: model, keras_version: '2.9.0' } }],
  ])('reads %s', (_what, given) => {
    expect(readTopology(JSON.stringify(given), 'net.json').topology).toEqual(topology);
  });

  it.each<[string, unknown, string | null]>([
    ['nothing', {}, null],
    ['a name, Keras 3', { compile_config: { loss: 'mse' } }, 'mse'],
    [
      'a class',
      { compile_config: { loss: { class_name: 'BinaryCrossentropy', config: {} } } },
      'BinaryCrossentropy',
    ],
    ['a name, Keras 2', { training_config: { loss: 'mse' } }, 'mse'],
  ])('takes the loss from the compiled model: %s', (_what, more, loss) => {
    const given = { ...model, ...(more as object) };
    expect(readTopology(JSON.stringify(given), 'net.json').loss).toBe(loss);
  });

  it.each(['', '{"class_name":', '[]', '"text"', '{"modelTopology": {}}'])(
    'names the file that is none: %s',
    (text) => {
      expect(() => readTopology(text, 'net.json')).toThrow(
        expect.objectContaining({ code: 'USAGE', message: expect.stringContaining('net.json') }),
      );
    },
  );
});
