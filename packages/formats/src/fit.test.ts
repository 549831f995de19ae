import { describe, expect, it } from 'vitest';
import { example } from './example.suite.js';
import { fitState } from './fit.js';
import type { SavedModel } from './savedModel.js';

/** As a model has them: trainable ones first. */
const parameters = [
  { name: 'out/kernel', shape: [8, 3], trainable: true },
  { name: 'out/bias', shape: [3], trainable: true },
  { name: 'conv/kernel', shape: [3, 3, 1, 2], trainable: false },
  { name: 'conv/bias', shape: [2], trainable: false },
];
const fresh = {
  weights: new Float32Array(47),
  optimizer: {
    iterations: 0,
    slots: { momentum: new Float32Array(27), velocity: new Float32Array(27) },
  },
};
const [convKernel, convBias, kernel, bias] = example.weights;
const flat = (...parts: Float32Array[]): number[] => parts.flatMap((part) => [...part]);
const fit = (model: SavedModel) => fitState(model, parameters, fresh, 'x.h5');
const renamed = (suffix: string): SavedModel => ({
  ...example,
  weights: example.weights.map((weight) => ({ ...weight, layer: weight.layer + suffix })),
});

describe('fitState', () => {
  it("puts weights and slots in the model's order", () => {
    const { weights, optimizer } = fit(example);
    expect([...weights]).toEqual(
      flat(kernel!.values, bias!.values, convKernel!.values, convBias!.values),
    );
    expect(optimizer.iterations).toBe(5);
    expect([...optimizer.slots.velocity!]).toEqual(
      flat(kernel!.slots.velocity!, bias!.slots.velocity!),
    );
  });

  it("finds a layer's weights by name, whatever their order", () => {
    const reordered = { ...example, weights: [convBias!, convKernel!, bias!, kernel!] };
    expect(fit(reordered)).toEqual(fit(example));
  });

  it('takes layers of other names in order', () => {
    const other = [
      { name: 'c/kernel', shape: [3, 3, 1, 2], trainable: true },
      { name: 'c/bias', shape: [2], trainable: true },
      { name: 'o/kernel', shape: [8, 3], trainable: true },
      { name: 'o/bias', shape: [3], trainable: true },
    ];
    const { weights } = fitState(renamed('_7'), other, fresh, 'x.h5');
    expect([...weights]).toEqual(flat(...example.weights.map(({ values }) => values)));
  });

  it('begins with a fresh optimizer where the file has not all of it', () => {
    const partly = {
      ...example,
      weights: [convKernel!, convBias!, kernel!, { ...bias!, slots: {} }],
    };
    expect(fit(partly).optimizer).toBe(fresh.optimizer);
    expect(fit({ ...example, optimizer: null }).optimizer).toBe(fresh.optimizer);
  });

  it('names the weight whose shape is another', () => {
    const wide = { ...kernel!, shape: [3, 8] };
    expect(() => fit({ ...example, weights: [convKernel!, convBias!, wide, bias!] })).toThrow(
      expect.objectContaining({
        code: 'MODEL_FILE',
        message:
          'x.h5 has the weight out/kernel in the shape [3, 8], the model out/kernel in [8, 3]',
      }),
    );
  });

  it('names the layer that is missing, and what there is', () => {
    expect(() => fit({ ...example, weights: [convKernel!, convBias!] })).toThrow(
      expect.objectContaining({
        message: "x.h5 has no weights for the layer 'out'",
        hint: 'Give the model that the weights are of. It has: conv.',
      }),
    );
    expect(() => fit({ ...example, weights: [convKernel!, convBias!, kernel!] })).toThrow(
      "x.h5 has 1 weights for the layer 'out', the model 2",
    );
  });
});
