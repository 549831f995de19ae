import type { Precision } from '@lockstep/core';
import { rangeLength } from '@lockstep/core/data';
import type { ModelSpec } from '@lockstep/core/model';
import type { FactoredKernel, FactorPlaces } from '@lockstep/core/reducer';
import { alignedFloats } from '@lockstep/tensorflow';
import { afterEach, expect, it } from 'vitest';
import type { Engine, GradientFactors, LoadedModel } from '../engine.js';
import {
  empty,
  options,
  refusal,
  relativeDifference,
  small,
  start,
  syntheticBatch,
} from '../examples.suite.js';
import { describeWithLibrary } from './library.suite.js';
import { createTensorflowEngine } from './tensorflow.js';

const all = () => true;
type Layers = { class_name: string; config: Record<string, unknown> }[];

/** `small` with other layers after its first one. */
function variant(name: string, change: (layers: Layers) => Layers): ModelSpec {
  const spec = structuredClone({ ...small, name });
  spec.topology.config.layers = change(spec.topology.config.layers as Layers);
  return spec;
}

describeWithLibrary('gradients as factors', () => {
  const engines: Engine[] = [];
  afterEach(async () => {
    for (const engine of engines.splice(0)) await engine.dispose();
  });

  interface Chosen {
    readonly spec?: ModelSpec;
    readonly precision?: Precision;
  }

  async function load({ spec = small, precision = 'float32' }: Chosen = {}) {
    const engine = await createTensorflowEngine({ automatic: false, threads: 1 });
    engines.push(engine);
    const model = await engine.load(spec, { ...options, precision });
    return { model, factors: model.factors! };
  }

  /** Room for what a rank has of a batch. */
  function placesFor(
    kernels: readonly FactoredKernel[],
    { gradientLength }: LoadedModel,
    samples: number,
  ): FactorPlaces {
    const inKernels = kernels.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
    return {
      factors: kernels.map((kernel) => ({
        kernel,
        inputs: alignedFloats(samples * kernel.rows),
        deltas: alignedFloats(samples * kernel.columns),
      })),
      rest: new Float32Array(gradientLength - inKernels),
    };
  }

  /** The flat gradient that places stand for, each kernel multiplied in as many parts. */
  async function gradientOf(
    { factors, rest }: FactorPlaces,
    engine: GradientFactors,
    { gradientLength }: LoadedModel,
    parts: number,
  ): Promise<Float32Array> {
    const gradient = new Float32Array(gradientLength);
    const products = factors.flatMap((each) => {
      const { offset, rows, columns } = each.kernel;
      const bounds = Array.from({ length: parts + 1 }, (_, i) =>
        Math.round((rows * columns * i) / parts),
      );
      return bounds.slice(1).map((end, i) => {
        const elements = { begin: bounds[i]!, end };
        const into = alignedFloats(rangeLength(elements));
        return { ...each, elements, into, at: offset + elements.begin };
      });
    });
    await engine.multiply(products);
    for (const { at, into } of products) gradient.set(into, at);
    const isKernel = new Uint8Array(gradientLength);
    for (const { kernel } of factors) {
      isKernel.fill(1, kernel.offset, kernel.offset + kernel.rows * kernel.columns);
    }
    const others = Array.from(isKernel.keys()).filter((i) => isKernel[i] === 0);
    expect(others).toHaveLength(rest.length);
    for (const [i, index] of others.entries()) gradient[index] = rest[i]!;
    return gradient;
  }

  it.each([
    ['float32', 1, 1e-6],
    ['float32', 7, 1e-6],
    ['bfloat16', 3, 2 ** -6],
  ] as const)('are the gradient, in %s and %d parts', async (precision, parts, tolerance) => {
    const { model, factors } = await load({ precision });
    const kernels = await factors.kernelsFor(16, all);
    expect(kernels.map(({ rows, columns }) => [rows, columns])).toEqual([
      [18, 5],
      [5, 3],
    ]);
    for (const size of [16, 3, 1]) {
      const batch = syntheticBatch(size, 1);
      const plain = await model.gradients(batch, start);
      const gradient = plain.gradient.slice();
      const places = placesFor(kernels, model, size);
      expect(await factors.gradients(batch, start, places)).toEqual(plain.metrics);
      const found = await gradientOf(places, factors, model, parts);
      expect(relativeDifference(found, gradient)).toBeLessThan(tolerance);
    }
    await factors.multiply([]);
  });

  it('are given of the kernels that are wanted, first of some and then of others', async () => {
    const { model, factors } = await load();
    const batch = syntheticBatch(4, 2);
    const expected = (await model.gradients(batch, start)).gradient.slice();
    for (const units of [5, 3]) {
      const kernels = await factors.kernelsFor(4, ({ columns }) => columns === units);
      expect(kernels.map(({ columns }) => columns)).toEqual([units]);
      const places = placesFor(kernels, model, 4);
      await factors.gradients(batch, start, places);
      const found = await gradientOf(places, factors, model, 2);
      expect(relativeDifference(found, expected)).toBeLessThan(1e-6);
    }
    expect(await factors.kernelsFor(4, () => false)).toEqual([]);
  });

  it('are had of batches of any size, however many sizes there were', async () => {
    const { model, factors } = await load();
    for (let size = 1; size <= 40; size++) {
      const kernels = await factors.kernelsFor(size, all);
      expect(kernels).toHaveLength(2);
      const places = placesFor(kernels, model, size);
      await factors.gradients(syntheticBatch(size, 1), start, places);
    }
  });

  it('are none of a batch without samples', async () => {
    const { model, factors } = await load();
    const kernels = await factors.kernelsFor(2, all);
    const places = placesFor(kernels, model, 0);
    places.rest.fill(7);
    const metrics = await factors.gradients(empty, start, places);
    expect(metrics).toEqual((await model.gradients(empty, start)).metrics);
    expect(places.rest.every((value) => value === 0)).toBe(true);
  });

  it('are not had where something is added to the product, and INTERNAL says so to who wants them', async () => {
    const spec = variant('regularized', (layers) =>
      layers.map((layer) =>
        layer.config.name === 'hidden'
          ? {
              ...layer,
              config: {
                ...layer.config,
                kernel_regularizer: { class_name: 'L1L2', config: { l1: 0, l2: 0.1 } },
              },
            }
          : layer,
      ),
    );
    const { model, factors } = await load({ spec });
    const kernels = await factors.kernelsFor(4, all);
    expect(kernels.map(({ columns }) => columns)).toEqual([3]);
    const hidden = { offset: kernels[0]!.offset - 5 - 18 * 5, rows: 18, columns: 5 };
    const places = placesFor([hidden, ...kernels], model, 4);
    const refused = await refusal(factors.gradients(syntheticBatch(4, 1), start, places));
    expect(refused).toMatchObject({ code: 'INTERNAL', message: expect.stringMatching(/inputs\d/) });
  });

  it('are not had of a layer that is given several rows of a sample', async () => {
    const spec = variant('rows', (layers) => [
      layers[0]!,
      { class_name: 'Reshape', config: { name: 'rows', target_shape: [12, 6] } },
      { class_name: 'Dense', config: { name: 'each', units: 2, activation: 'tanh' } },
      ...layers.slice(2),
    ]);
    const { factors } = await load({ spec });
    const kernels = await factors.kernelsFor(4, all);
    expect(kernels.map(({ rows, columns }) => [rows, columns])).toEqual([
      [24, 5],
      [5, 3],
    ]);
  });

  it('are not had of batches that are computed in parts', async () => {
    const { factors } = await load();
    expect(await factors.kernelsFor(60_000, all)).toEqual([]);
    expect(await factors.kernelsFor(16, all)).toHaveLength(2);
  });
});
