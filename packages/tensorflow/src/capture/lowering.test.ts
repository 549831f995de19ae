import {
  add,
  grad,
  leakyRelu,
  matMul,
  mul,
  relu,
  sigmoid,
  square,
  sum,
  type Tensor,
  tanh,
  tidy,
  variable,
  variableGrads,
  zeros,
} from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TensorFlow } from '../backend/index.js';
import type { Output } from '../graph/graph.js';
import { dataType } from '../native/dataTypes.js';
import { describeWithLibrary } from '../testing.suite.js';
import { bothOf, inputOf, startForCapture } from './capture.suite.js';
import { CapturedFunction } from './captured.js';
import { lower } from './lowering.js';
import { GraphSpace } from './space.js';
import type { TensorFunction } from './trace.js';

const sizes = fc.integer({ min: 1, max: 4 });
const shapes = (minLength: number, maxLength: number) => fc.array(sizes, { minLength, maxLength });

describeWithLibrary('ops that are lowered to others', (library) => {
  let tensorflow: TensorFlow;
  beforeAll(async () => {
    tensorflow = await startForCapture(library);
  });

  it('add the same, of whatever shapes', async () => {
    const cases = fc
      .tuple(shapes(0, 6), fc.nat({ max: 6 }), fc.array(fc.boolean(), { maxLength: 6 }))
      .map(([shape, dropped, ones]) => {
        // Of six dimensions, TensorFlow does not repeat every other one.
        const repeats = shape.length < 6 ? ones : [];
        const other = shape.slice(dropped).map((size, axis) => (repeats[axis] ? 1 : size));
        return [shape, other] as const;
      })
      .chain(([shape, other]) => fc.record({ x: inputOf(shape), y: inputOf(other) }));
    await fc.assert(
      fc.asyncProperty(cases, async (inputs) => {
        const work: TensorFunction = ({ x, y }) => ({ xy: add(x!, y!), yx: add(y!, x!) });
        const [captured, eager] = await bothOf(tensorflow, work, inputs);
        expect(captured).toEqual(eager);
      }),
      { numRuns: 40 },
    );
  });

  it('sum the same, over whatever axes', async () => {
    const cases = shapes(1, 5).chain((shape) =>
      fc.record({
        x: inputOf(shape),
        axes: fc.subarray([...shape.keys()]),
        fromEnd: fc.boolean(),
        keep: fc.boolean(),
      }),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ({ x, axes, fromEnd, keep }) => {
        const asked = fromEnd ? axes.map((axis) => axis - x.shape.length) : axes;
        const work: TensorFunction = (given) => ({ y: sum(given.x!, asked, keep) });
        const [captured, eager] = await bothOf(tensorflow, work, { x });
        expect(captured).toEqual(eager);
      }),
      { numRuns: 40 },
    );
  });

  it('multiply matrices the same, transposed or not, in batches or not', async () => {
    const cases = fc
      .record({ batch: shapes(0, 2), rows: sizes, inner: sizes, columns: sizes })
      .chain(({ batch, rows, inner, columns }) =>
        fc.tuple(fc.boolean(), fc.boolean()).chain(([transposeA, transposeB]) =>
          fc.record({
            transposeA: fc.constant(transposeA),
            transposeB: fc.constant(transposeB),
            a: inputOf([...batch, ...(transposeA ? [inner, rows] : [rows, inner])]),
            b: inputOf([...batch, ...(transposeB ? [columns, inner] : [inner, columns])]),
          }),
        ),
      );
    await fc.assert(
      fc.asyncProperty(cases, async ({ a, b, transposeA, transposeB }) => {
        const work: TensorFunction = (given) => ({
          y: matMul(given.a!, given.b!, transposeA, transposeB),
        });
        const [captured, eager] = await bothOf(tensorflow, work, { a, b });
        expect(captured).toEqual(eager);
      }),
      { numRuns: 40 },
    );
  });

  describe('a product', () => {
    const matrix = (rows: number, columns: number) => ({
      oper: 0n,
      index: 0,
      type: dataType.float32,
      shape: [rows, columns],
    });
    const turned = matrix(0, 0);
    const lowered = (inputs: readonly Output[], adjointA: boolean, adjointB: boolean) => {
      const attributes = { adj_x: { bool: adjointA }, adj_y: { bool: adjointB } };
      const call = { name: 'BatchMatMulV2', attributes, inputs };
      return lower(
        call,
        () => null,
        () => turned,
      );
    };

    it('with a transposed second matrix is left to the faster kernel', () => {
      const inputs = [matrix(2, 2), matrix(2, 2)];
      expect(lowered(inputs, false, false).name).toBe('MatMul');
      expect(lowered(inputs, true, false).name).toBe('MatMul');
      expect(lowered(inputs, false, true).name).toBe('BatchMatMulV2');
    });

    it.each([
      ['small beside it', 32, true],
      ['of a quarter of the columns at the most', 33, false],
      ['of any size', -1, false],
    ])('with a transposed first matrix, %s: %i rows', (_, rows, isBeforehand) => {
      const [a, b] = [matrix(rows, 5408), matrix(rows, 128)];
      const { name, attributes, inputs } = lowered([a, b], true, false);
      expect(name).toBe('MatMul');
      expect(attributes.transpose_a).toEqual({ bool: !isBeforehand });
      expect(inputs).toEqual([isBeforehand ? turned : a, b]);
    });

    it('that is small is not worth another op', () => {
      const inputs = [matrix(8, 784), matrix(8, 128)];
      expect(lowered(inputs, true, false).inputs).toEqual(inputs);
    });
  });

  it('multiply large matrices the same, the first one transposed beforehand', async () => {
    const wholeNumbers = (...shape: [number, number]) => ({
      shape,
      values: Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => (i % 17) - 8),
    });
    const inputs = { a: wholeNumbers(3, 2_500), b: wholeNumbers(3, 120) };
    const work: TensorFunction = ({ a, b }) => ({ y: matMul(a!, b!, true, false) });
    const [captured, eager] = await bothOf(tensorflow, work, inputs);
    expect(captured).toEqual(eager);
  });

  it.each([
    ['relu', relu],
    ['leaky relu', (x: Tensor) => leakyRelu(x, 0.1)],
    ['leaky relu of a negative slope', (x: Tensor) => leakyRelu(x, -0.5)],
    ['sigmoid', sigmoid],
    ['tanh', tanh],
  ] as const)('differentiate %s the same, within 1e-6', async (_, activation) => {
    const cases = shapes(0, 4).chain((shape) =>
      fc.record({ x: inputOf(shape), dy: inputOf(shape) }),
    );
    await fc.assert(
      fc.asyncProperty(cases, async (inputs) => {
        const weights = tidy(() => variable(zeros([...inputs.x.shape])));
        const work: TensorFunction = ({ x, dy }) => {
          const { value, grads } = variableGrads(
            () => sum(mul(activation(add(weights, mul(x!, 0.25)) as Tensor), dy!)),
            [weights],
          );
          return { value, slope: grads[weights.name]! };
        };
        const results = [];
        for (const options of [{}, { maxShapes: 0, onFallback: () => {} }]) {
          const space = new GraphSpace(tensorflow);
          const target = space.variable('weights', inputs.x.shape);
          space.bind(weights, target);
          await space.writeFrom([target], new Float32Array(weights.size));
          const signature = { dtype: 'float32', shape: inputs.x.shape } as const;
          const captured = new CapturedFunction(space, work, {
            name: 'test',
            inputs: { x: signature, dy: signature },
            ...options,
          });
          const feeds = { x: inputs.x.values, dy: inputs.dy.values };
          results.push(await captured.run(feeds));
          await space.delete();
        }
        weights.dispose();
        for (const [i, slope] of results[0]!.slope!.entries()) {
          expect(Math.abs(slope - results[1]!.slope![i]!)).toBeLessThan(1e-6 * 8);
        }
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    ['relu', relu],
    ['sigmoid', sigmoid],
    ['tanh', tanh],
  ] as const)('differentiate the gradient of %s the same, within 1e-6', async (_, activation) => {
    const work: TensorFunction = ({ x, dy }) => {
      const slope = grad((given: Tensor) => sum(mul(square(activation(mul(given, 0.25))), dy!)));
      return { curvature: grad((given: Tensor) => sum(mul(slope(given), dy!)))(x!) };
    };
    const cases = shapes(1, 2).chain((shape) =>
      fc.record({ x: inputOf(shape), dy: inputOf(shape) }),
    );
    await fc.assert(
      fc.asyncProperty(cases, async (inputs) => {
        const [captured, eager] = await bothOf(tensorflow, work, inputs);
        for (const [i, value] of captured.curvature!.entries()) {
          expect(Math.abs(value - eager.curvature![i]!)).toBeLessThan(1e-6 * 64);
        }
      }),
      { numRuns: 20 },
    );
  });
});
