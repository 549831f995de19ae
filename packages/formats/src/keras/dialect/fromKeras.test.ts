import { describe, expect, it } from 'vitest';
import { topology } from '../../example.suite.js';
import { topologyFromKeras } from './fromKeras.js';
import { topologyToKeras3 } from './toKeras3.js';

const policy = (name: string) => ({
  module: 'keras',
  class_name: 'DTypePolicy',
  config: { name },
  registered_name: null,
});
const sequential = (...layers: unknown[]) => ({
  module: 'keras',
  class_name: 'Sequential',
  config: { name: 'm', layers, build_input_shape: [null, 4] },
  build_config: { input_shape: [null, 4] },
});
const dense = (config: Record<string, unknown>) => ({
  module: 'keras.layers',
  class_name: 'Dense',
  registered_name: null,
  config: { name: 'dense', units: 3, ...config },
});
const read = (...layers: unknown[]) => topologyFromKeras(sequential(...layers), 'x.keras');

describe('topologyFromKeras', () => {
  it('gives back what topologyToKeras3 was given, in both of its styles', () => {
    for (const style of ['with modules', 'legacy'] as const) {
      expect(topologyFromKeras(topologyToKeras3(topology, style), 'x')).toEqual(topology);
    }
  });

  it('leaves out what Keras 3 says beyond Keras 2', () => {
    const read3 = read(dense({ dtype: policy('float32'), quantization_config: null }));
    expect(read3).toEqual({
      class_name: 'Sequential',
      config: {
        name: 'm',
        layers: [{ class_name: 'Dense', config: { name: 'dense', units: 3, dtype: 'float32' } }],
      },
    });
  });

  it.each([
    [{ dtype: policy('mixed_float16') }, 'computes in "mixed_float16", not in float32'],
    [{ groups: 2 }, 'has the groups 2, which is not supported'],
    [
      { activation: { module: 'builtins', class_name: 'function', config: 'mine' } },
      'has, as its activation, one of your own: "mine"',
    ],
  ])('refuses %j, naming the layer', (config, what) => {
    expect(() => read(dense(config))).toThrow(
      expect.objectContaining({
        code: 'MODEL_FILE',
        message: `layer 'dense' of x.keras ${what}`,
      }),
    );
  });

  it('refuses what is no model of layers', () => {
    expect(() => topologyFromKeras({ class_name: 'Mine', config: {} }, 'x.h5')).toThrow(
      'x.h5 has a Mine, not a model of layers',
    );
    expect(() => topologyFromKeras([], 'x.h5')).toThrow('x.h5 has no topology');
    expect(() => read({ class_name: 'Dense' })).toThrow('has a layer without class_name or config');
  });
});

describe('topologyToKeras3', () => {
  it('gives a Sequential whose first layer has the shape an input of its own', () => {
    const [first] = [
      { class_name: 'Flatten', config: { name: 'f', batch_input_shape: [null, 4] } },
    ];
    const written = topologyToKeras3(
      { class_name: 'Sequential', config: { name: 'm', layers: [first] } },
      'legacy',
    );
    expect(written.config).toMatchObject({
      layers: [
        { class_name: 'InputLayer', config: { name: 'input_layer', batch_shape: [null, 4] } },
        { class_name: 'Flatten', config: { name: 'f' } },
      ],
    });
  });

  it("spells TensorFlow.js's initializers as Keras does", () => {
    const layer = {
      class_name: 'Dense',
      config: {
        name: 'd',
        kernel_initializer: { class_name: 'varianceScaling', config: { mode: 'fanAvg' } },
        bias_initializer: 'glorotUniform',
      },
    };
    const written = topologyToKeras3(
      { class_name: 'Sequential', config: { name: 'm', layers: [layer] } },
      'with modules',
    );
    expect(written.config).toMatchObject({
      layers: [
        {
          config: {
            kernel_initializer: { class_name: 'VarianceScaling', config: { mode: 'fan_avg' } },
            bias_initializer: 'glorot_uniform',
          },
        },
      ],
    });
  });
});
