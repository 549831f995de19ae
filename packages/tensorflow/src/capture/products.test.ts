import {
  add,
  matMul,
  mul,
  range,
  reshape,
  sum,
  type Tensor2D,
  type Variable,
  variable,
  variableGrads,
  zeros,
} from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { TensorFlow } from '../backend/index.js';
import { describeWithLibrary } from '../testing.suite.js';
import { startForCapture } from './capture.suite.js';
import { CapturedFunction } from './captured.js';
import { GraphSpace } from './space.js';

const [samples, units, outputs] = [3, 4, 2];
const values = (length: number, from: number) => Float32Array.from({ length }, (_, i) => from + i);

describeWithLibrary('products', (library) => {
  let tensorflow: TensorFlow;
  let kernel: Variable;
  const spaces: GraphSpace[] = [];
  beforeAll(async () => {
    tensorflow = await startForCapture(library);
  });
  beforeEach(() => {
    kernel = variable(zeros([units, outputs]));
  });
  afterEach(async () => {
    kernel.dispose();
    for (const space of spaces.splice(0)) await space.delete();
  });

  /** The gradient of the kernel by a loss of `x kernel`, and the matrices that it is said to be the product of. */
  async function gradientOf(
    loss: (product: Tensor2D, kernel: Tensor2D) => Tensor2D,
    precision: 'float32' | 'bfloat16' = 'float32',
  ) {
    const space = new GraphSpace(tensorflow, { precision });
    spaces.push(space);
    const target = space.variable('kernel', [units, outputs]);
    space.bind(kernel, target);
    await space.writeFrom([target], values(units * outputs, 0));
    const captured = new CapturedFunction(
      space,
      ({ x }) => {
        const { grads } = variableGrads(
          () => sum(loss(matMul(x!, kernel) as Tensor2D, kernel as unknown as Tensor2D)),
          [kernel],
        );
        return { gradient: grads[kernel.name]! };
      },
      {
        name: 'test',
        inputs: { x: { dtype: 'float32', shape: [null, units] } },
        finish: (_, { gradient }, { products }) => ({
          fetches: { gradient: gradient!, ...products.gradient },
        }),
      },
    );
    return captured.run({ x: values(samples * units, 1) });
  }

  it.each(['float32', 'bfloat16'] as const)(
    'gives the matrices of the gradient of a kernel, computed in %s, as float32',
    async (precision) => {
      const square = (product: Tensor2D) => mul(product, product) as Tensor2D;
      const { gradient, left, right } = await gradientOf(square, precision);
      expect(left).toEqual(values(samples * units, 1));
      expect(right).toBeInstanceOf(Float32Array);
      expect(right).toHaveLength(samples * outputs);
      const expected = Array.from({ length: units * outputs }, (_, i) => {
        const [row, column] = [Math.floor(i / outputs), i % outputs];
        const terms = Array.from(
          { length: samples },
          (_, n) => left![n * units + row]! * right![n * outputs + column]!,
        );
        return terms.reduce((total, term) => total + term);
      });
      const most = Math.max(...expected);
      for (const [i, each] of expected.entries()) {
        expect(Math.abs(gradient![i]! - each)).toBeLessThan(most * 2 ** -7);
      }
    },
  );

  it('sees through what TensorFlow.js multiplies as a batch of one', async () => {
    const viaBatch = (_: Tensor2D, twice: Tensor2D) => {
      const x = reshape(range(0, samples * units, 1), [1, samples, units]);
      const product = matMul(x, reshape(twice, [1, units, outputs]));
      return reshape(mul(product, product), [samples, outputs]) as Tensor2D;
    };
    const { left, right } = await gradientOf(viaBatch);
    expect(left).toEqual(values(samples * units, 0));
    expect(right).toHaveLength(samples * outputs);
  });

  it.each<[string, (product: Tensor2D, kernel: Tensor2D) => Tensor2D]>([
    ['is used twice', (product, twice) => add(product, sum(mul(twice, twice))) as Tensor2D],
    ['is multiplied by element', (_, alone) => mul(alone, alone) as Tensor2D],
  ])('says nothing of the gradient of a kernel that %s', async (_, loss) => {
    expect(Object.keys(await gradientOf(loss))).toEqual(['gradient']);
  });
});
