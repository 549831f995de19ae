/** The training kernels of the wasm backend against the cpu backend, on small random cases. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
// Registers the gradients; tfjs-core alone has none.
import '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerTrainingKernels } from './register.js';

type Padding = 'same' | 'valid' | number;
/** The inputs of a case; most use the first one, two or three. */
type Tensors = [tf.Tensor, tf.Tensor, tf.Tensor, ...tf.Tensor[]];
type Values = Float32Array | Int32Array | Uint8Array;

let seed = 1;

function random(shape: number[]): tf.Tensor {
  return tf.randomNormal(shape, 0, 1, 'float32', seed++);
}

/** Runs on one backend; gives the values of all results and how many tensors were left over. */
async function on(
  backend: string,
  inputs: readonly (readonly [number[], Values])[],
  compute: (tensors: Tensors) => tf.Tensor[],
): Promise<{ values: number[][]; shapes: number[][]; left: number; leftBuffers: number }> {
  await tf.setBackend(backend);
  const before = tf.memory();
  const tensors = inputs.map(([shape, values]) => tf.tensor(values, shape));
  const results = tf.tidy(() => compute(tensors as Tensors));
  const values = results.map((result) => Array.from(result.dataSync()));
  const shapes = results.map((result) => result.shape);
  tf.dispose([...tensors, ...results]);
  const after = tf.memory();
  return {
    values,
    shapes,
    left: after.numTensors - before.numTensors,
    leftBuffers: after.numDataBuffers - before.numDataBuffers,
  };
}

/** The largest difference of two results, relative to the largest element of the expected one. */
function relativeDifference(actual: number[], expected: number[]): number {
  const largest = expected.reduce((so, value) => Math.max(so, Math.abs(value)), 1e-6);
  return expected.reduce(
    (so, value, index) => Math.max(so, Math.abs(value - actual[index]!) / largest),
    0,
  );
}

async function expectSame(
  shapes: number[][],
  compute: (tensors: Tensors) => tf.Tensor[],
  prepare: (tensor: tf.Tensor) => tf.Tensor = (tensor) => tensor,
): Promise<void> {
  await tf.setBackend('cpu');
  const inputs = shapes.map(
    (shape) => [shape, prepare(random(shape)).dataSync() as Values] as const,
  );
  const expected = await on('cpu', inputs, compute);
  const actual = await on('wasm', inputs, compute);
  const again = await on('wasm', inputs, compute);
  expect(actual.shapes).toEqual(expected.shapes);
  for (const [index, values] of expected.values.entries()) {
    expect(actual.values[index]).toHaveLength(values.length);
    expect(relativeDifference(actual.values[index]!, values)).toBeLessThan(1e-5);
  }
  expect(again.values).toEqual(actual.values);
  expect(actual.left).toBe(0);
  expect(actual.leftBuffers).toBe(0);
}

function dataIds(): number {
  return tf.engine().backend.numDataIds();
}

beforeAll(() => {
  registerTrainingKernels();
  registerTrainingKernels();
});

describe('BatchMatMul', () => {
  const sizes: [number, number, number][] = [
    [1, 1, 1],
    [5, 7, 3],
    [40, 33, 50],
    [200, 16, 9],
    [3, 300, 70],
    [9, 400, 32],
  ];
  for (const [m, k, n] of sizes) {
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        it(`[${m},${k}]·[${k},${n}] ${transposeA ? 'A stored transposed' : ''} ${
          transposeB ? 'B stored transposed' : ''
        }`, async () => {
          const a = transposeA ? [k, m] : [m, k];
          const b = transposeB ? [n, k] : [k, n];
          await expectSame([a, b], ([x, y]) => [tf.matMul(x, y, transposeA, transposeB)]);
          await expectSame(
            [
              [1, ...a],
              [1, 1, ...b],
            ],
            ([x, y]) => [tf.matMul(x, y, transposeA, transposeB)],
          );
        });
      }
    }
  }

  it('leaves batches of matrices to the stock kernel', async () => {
    await expectSame(
      [
        [3, 30, 40],
        [3, 40, 20],
      ],
      ([x, y]) => [tf.matMul(x, y)],
    );
    await expectSame(
      [
        [3, 40, 30],
        [3, 20, 40],
      ],
      ([x, y]) => [tf.matMul(x, y, true, true)],
    );
    await expectSame(
      [
        [3, 30, 40],
        [1, 40, 20],
      ],
      ([x, y]) => [tf.matMul(x, y)],
    );
  });

  it('sees new values of reassigned weights', async () => {
    await tf.setBackend('wasm');
    const input = tf.ones([64, 300]);
    const weights = tf.variable(tf.ones([300, 70]) as tf.Tensor2D);
    const first = tf.matMul(input as tf.Tensor2D, weights).dataSync()[0];
    weights.assign(tf.fill([300, 70], 2));
    const second = tf.matMul(input as tf.Tensor2D, weights).dataSync()[0];
    expect([first, second]).toEqual([300, 600]);
  });
});

describe('Conv2DBackpropFilter', () => {
  const cases: [number[], number[], number | [number, number], Padding][] = [
    [[2, 6, 7, 1], [3, 3, 1, 4], 1, 'valid'],
    [[2, 6, 7, 1], [3, 3, 1, 4], 1, 'same'],
    [[3, 9, 8, 3], [3, 2, 3, 5], 2, 'valid'],
    [[3, 9, 8, 3], [3, 2, 3, 5], 2, 'same'],
    [[1, 10, 7, 2], [4, 5, 2, 6], [1, 3], 'same'],
    [[1, 10, 7, 2], [4, 5, 2, 6], [3, 2], 'valid'],
    [[2, 5, 5, 4], [1, 1, 4, 3], 1, 'valid'],
    [[2, 5, 5, 2], [3, 3, 2, 3], 1, 2],
    // More than one round of images.
    [[40, 28, 28, 1], [3, 3, 1, 8], 1, 'valid'],
    [[11, 14, 14, 16], [3, 3, 16, 8], 1, 'same'],
  ];
  for (const [inputShape, filterShape, strides, pad] of cases) {
    it(`x [${inputShape}], filter [${filterShape}], strides ${strides}, pad ${pad}`, async () => {
      const outputShape = tf.backend_util.computeConv2DInfo(
        inputShape as [number, number, number, number],
        filterShape as [number, number, number, number],
        strides,
        1,
        pad,
      ).outShape;
      await expectSame([inputShape, filterShape, outputShape], ([x, filter, dy]) => [
        tf.grad((w: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, strides, pad))(
          filter,
          dy,
        ),
      ]);
    });
  }

  it('rejects NCHW', async () => {
    await tf.setBackend('wasm');
    const run = () =>
      tf
        .engine()
        .runKernel(
          'Conv2DBackpropFilter',
          { x: tf.ones([1, 1, 4, 4]), dy: tf.ones([1, 1, 2, 2]) },
          { strides: 1, pad: 'valid', dataFormat: 'NCHW', filterShape: [3, 3, 1, 1] },
        );
    expect(run).toThrow(/NHWC/);
  });
});

describe('MaxPoolGrad', () => {
  const cases: [number[], number | [number, number], number | [number, number], Padding][] = [
    [[2, 6, 6, 3], 2, 2, 'valid'],
    [[2, 7, 5, 3], 2, 2, 'same'],
    [[2, 7, 5, 3], 2, 2, 'valid'],
    [[1, 8, 9, 2], 3, 1, 'valid'],
    [[1, 8, 9, 2], 3, 1, 'same'],
    [[1, 8, 9, 2], 3, 2, 'same'],
    [[2, 9, 9, 1], [2, 3], [1, 2], 'same'],
    [[2, 9, 9, 1], 2, 3, 'valid'],
    [[1, 7, 7, 2], 3, 2, 1],
  ];
  const pool = (
    shape: number[],
    filter: number | [number, number],
    strides: number | [number, number],
    pad: Padding,
    prepare?: (tensor: tf.Tensor) => tf.Tensor,
  ) => {
    const outputShape = tf.backend_util.computePool2DInfo(
      shape as [number, number, number, number],
      filter,
      strides,
      1,
      pad,
    ).outShape;
    return expectSame(
      [shape, outputShape],
      ([x, dy]) => [
        tf.grad((input: tf.Tensor) => tf.maxPool(input as tf.Tensor4D, filter, strides, pad))(
          x,
          dy,
        ),
      ],
      prepare,
    );
  };
  for (const [shape, filter, strides, pad] of cases) {
    it(`x [${shape}], window ${filter}, strides ${strides}, pad ${pad}`, async () => {
      await pool(shape, filter, strides, pad);
    });
    it(`with equal elements: x [${shape}], window ${filter}, strides ${strides}`, async () => {
      await pool(shape, filter, strides, pad, (tensor) => tf.round(tf.relu(tensor)));
    });
  }
});

describe('Conv2DBackpropInput', () => {
  it.each([
    [[2, 6, 7, 2], [3, 3, 2, 4], 1, 'valid'],
    [[2, 6, 7, 2], [3, 3, 2, 4], 1, 'same'],
    [[3, 9, 8, 3], [3, 2, 3, 5], 2, 'same'],
    [[1, 10, 7, 2], [4, 5, 2, 6], 3, 'valid'],
    [[2, 5, 5, 2], [3, 3, 2, 3], 1, 2],
    [[30, 13, 13, 8], [3, 3, 8, 16], 1, 'valid'],
  ] as [number[], number[], number, Padding][])(
    'x %j, filter %j, strides %d, pad %s',
    async (inputShape, filterShape, strides, pad) => {
      const outputShape = tf.backend_util.computeConv2DInfo(
        inputShape as [number, number, number, number],
        filterShape as [number, number, number, number],
        strides,
        1,
        pad,
      ).outShape;
      await expectSame([inputShape, filterShape, outputShape], ([x, filter, dy]) => [
        tf.grad((input: tf.Tensor) =>
          tf.conv2d(input as tf.Tensor4D, filter as tf.Tensor4D, strides, pad),
        )(x, dy),
      ]);
    },
  );
});

describe('Sum', () => {
  it.each([
    [[6, 5], [0]],
    [
      [7, 3, 4, 5],
      [0, 1, 2],
    ],
    [
      [7, 3, 4, 5],
      [2, 0, 1],
    ],
    [[7, 3, 4, 5], [0]],
    [
      [7, 3, 4, 5],
      [1, 2],
    ],
    [[7, 3, 4, 5], [-1]],
    [
      [7, 3, 4, 5],
      [0, 1, 2, 3],
    ],
    [[1, 5], [0]],
  ])('of %j over axes %j', async (shape, axes) => {
    for (const keepDims of [false, true]) {
      await expectSame([shape], ([x]) => [tf.sum(x, axes, keepDims)]);
    }
  });

  it('of integers and booleans', async () => {
    await expectSame([[6, 5]], ([x]) => [
      tf.sum(tf.cast(tf.mul(x, 10), 'int32'), 0),
      tf.sum(tf.greater(x, 0), 0),
    ]);
  });
});

describe('Identity and Cast', () => {
  it('keep the elements for as long as one reference lives', async () => {
    await tf.setBackend('wasm');
    const before = dataIds();
    const original = tf.tensor1d([1, 2, 3]);
    const copy = tf.clone(original);
    const cast = tf.cast(original, 'float32');
    original.dispose();
    expect(Array.from(copy.dataSync())).toEqual([1, 2, 3]);
    copy.dispose();
    expect(Array.from(cast.dataSync())).toEqual([1, 2, 3]);
    cast.dispose();
    expect(dataIds()).toBe(before);
  });

  it('cast between types', async () => {
    await expectSame([[4, 5]], ([x]) => [tf.cast(x, 'int32'), tf.cast(x, 'float32')]);
  });
});

describe('a training step', () => {
  const shapes = [[3, 3, 1, 8], [8], [1352, 32], [32], [32, 10], [10]];

  function loss(weights: readonly tf.Tensor[], images: tf.Tensor, labels: tf.Tensor): tf.Tensor {
    const convolved = tf.conv2d(images as tf.Tensor4D, weights[0] as tf.Tensor4D, 1, 'valid');
    const pooled = tf.maxPool(
      tf.relu(tf.add(convolved, weights[1]!)) as tf.Tensor4D,
      2,
      2,
      'valid',
    );
    const flat = tf.reshape(pooled, [-1, 1352]);
    const hidden = tf.relu(tf.add(tf.matMul(flat, weights[2]!), weights[3]!));
    const logits = tf.add(tf.matMul(hidden, weights[4]!), weights[5]!);
    return tf.neg(tf.mean(tf.sum(tf.mul(labels, tf.logSoftmax(logits)), -1)));
  }

  it('gives the gradients of the cpu backend and leaves nothing behind', async () => {
    const labels = Float32Array.from({ length: 160 }, (_, index) => Number(index % 11 === 0));
    await expectSame(
      [[16, 28, 28, 1], ...shapes],
      ([images, ...weights]) =>
        tf.grads((...parts: tf.Tensor[]) => loss(parts, images, tf.tensor(labels, [16, 10])))(
          weights,
        ),
      (tensor) => tf.mul(tensor, 0.1),
    );
    await tf.setBackend('wasm');
    const images = random([16, 28, 28, 1]);
    const target = tf.tensor(labels, [16, 10]);
    const weights = shapes.map((shape) => random(shape));
    const step = () =>
      tf.dispose(tf.grads((...parts: tf.Tensor[]) => loss(parts, images, target))(weights));
    step();
    const before = [dataIds(), tf.memory().numTensors, tf.memory().numDataBuffers];
    for (let index = 0; index < 20; index++) {
      step();
    }
    expect([dataIds(), tf.memory().numTensors, tf.memory().numDataBuffers]).toEqual(before);
  });
});
