import {
  add,
  booleanMaskAsync,
  customGrad,
  dropout,
  greater,
  mul,
  multinomial,
  randomNormal,
  randomUniform,
  relu,
  scalar,
  square,
  string as stringOps,
  sum,
  type Tensor,
  type Tensor1D,
  tensor1d,
  tidy,
  truncatedNormal,
  unique,
  type Variable,
  variable,
  variableGrads,
  whereAsync,
  zeros,
} from '@tensorflow/tfjs-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { attributeType, type NodeBackend, type TensorFlow } from '../backend/index.js';
import { describeWithLibrary } from '../testing.suite.js';
import { counts, refusalOf, startForCapture } from './capture.suite.js';
import { CapturedFunction } from './captured.js';
import { GraphSpace } from './space.js';
import type { TensorFunction } from './trace.js';

const x = Float32Array.of(1, -2, 3, -4);

/** The identity, whose gradient cannot be computed. */
function failingGradient(tensor: Tensor, thrown: Error): Tensor {
  return customGrad((given) => ({
    value: (given as Tensor).clone(),
    gradFunc: () => {
      throw thrown;
    },
  }))(tensor);
}

describeWithLibrary('what cannot be captured', (library) => {
  let tensorflow: TensorFlow;
  let space: GraphSpace;
  let bound: Variable;
  beforeAll(async () => {
    tensorflow = await startForCapture(library);
  });
  beforeEach(async () => {
    space = new GraphSpace(tensorflow);
    bound = tidy(() => variable(zeros([4])));
    const target = space.variable('bound', [4]);
    space.bind(bound, target);
    await space.writeFrom([target], new Float32Array(4));
    return async () => {
      bound.dispose();
      await space.delete();
    };
  });

  const capture = (work: TensorFunction) =>
    new CapturedFunction(space, work, {
      name: 'test',
      inputs: { x: { dtype: 'float32', shape: [4] } },
    });

  /** A refused function leaves everything as it was, and the same tensors can be used again. */
  async function refusedOf(work: TensorFunction) {
    await capture(({ x }) => ({ y: add(x!, bound) })).run({ x });
    const before = counts(tensorflow);
    const error = await refusalOf(() => capture(work).run({ x }));
    expect(counts(tensorflow)).toEqual(before);
    expect([...bound.dataSync()]).toEqual([0, 0, 0, 0]);
    expect(error.hint).toMatch(/\w/);
    return error;
  }

  const ignored = (promise: Promise<unknown>): void => {
    promise.catch(() => {});
  };

  const reads: Readonly<Record<string, (tensor: Tensor) => void>> = {
    'dataSync()': (tensor) => void tensor.dataSync(),
    'arraySync()': (tensor) => void tensor.arraySync(),
    'data()': (tensor) => void tensor.data(),
    'array()': (tensor) => void tensor.array(),
    'print()': (tensor) => tensor.print(),
    'buffer()': (tensor) => void tensor.buffer(),
    'a condition in JavaScript': (tensor) => void (sum(tensor).dataSync()[0]! > 0),
  };
  it.each(Object.keys(reads))('reading values by %s, and it says where', async (name) => {
    const { message } = await refusedOf(({ x }) => {
      reads[name]!(square(x!));
      return { y: x! };
    });
    expect(message).toMatch(/reads a tensor's values.*refusal\.test\.ts:\d+:\d+/);
  });

  it('reading a variable, whose value of now would be that of every run', async () => {
    const { message } = await refusedOf(() => ({ y: tensor1d(bound.dataSync()) }));
    expect(message).toMatch(/reads a tensor's values.*refusal\.test\.ts/);
  });

  it('but may read what it made itself', async () => {
    const { y } = await capture(({ x }) => {
      const factors = tensor1d([1, 2, 3, 4]);
      ignored(factors.data());
      return { y: mul(x!, factors.dataSync()[2]!) };
    }).run({ x });
    expect(y).toEqual(Float32Array.of(3, -6, 9, -12));
  });

  describe.each<[string, (tensor: Tensor) => Tensor]>([
    ['Math.random', (tensor) => mul(tensor, Math.random())],
    ['randomUniform', (tensor) => mul(tensor, randomUniform([4]))],
    ['randomNormal', (tensor) => mul(tensor, randomNormal([4]))],
    ['truncatedNormal', (tensor) => mul(tensor, truncatedNormal([4]))],
    ['dropout', (tensor) => dropout(tensor, 0.5)],
    ['multinomial', (tensor) => multinomial(tensor as Tensor1D, 1)],
  ])('random numbers of %s', (_, draw) => {
    it('without a seed', async () => {
      const { random } = Math;
      const { message } = await refusedOf(({ x }) => ({ y: draw(x!) }));
      expect(message).toMatch(/random numbers on the host.*refusal\.test\.ts:\d+/);
      expect(Math.random).toBe(random);
    });
  });

  it('a variable that does not live in the graph', async () => {
    const other = tidy(() => variable(zeros([4]), true, 'of-someone-else'));
    const { message } = await refusedOf(({ x }) => ({ y: add(x!, other) }));
    expect(message).toMatch(/the variable 'of-someone-else'.*refusal\.test\.ts:\d+/);
    other.dispose();
  });

  const data: Readonly<Record<string, [TensorFunction, RegExp]>> = {
    unique: [({ x }) => ({ y: unique(x as Tensor1D).values }), /the op UniqueV2 .* depends on/],
    whereAsync: [
      ({ x }) => {
        ignored(whereAsync(greater(x!, 0)));
        return { y: x! };
      },
      /reads a tensor's values/,
    ],
    booleanMaskAsync: [
      ({ x }) => {
        ignored(booleanMaskAsync(x!, greater(x!, 0)));
        return { y: x! };
      },
      /reads a tensor's values/,
    ],
  };
  it.each(Object.keys(data))('a shape that depends on the data: %s', async (name) => {
    const [work, expected] = data[name]!;
    const { message } = await refusedOf(work);
    expect(message).toMatch(expected);
    expect(message).toMatch(/refusal\.test\.ts:\d+/);
  });

  it('an op that TensorFlow does not have', async () => {
    const type = { name: 'T', type: attributeType.type, value: 1 };
    const { message, cause } = await refusedOf(({ x }) => ({
      y: (tensorflow.backend as NodeBackend).executeSingleOutput('NoSuchOp', [type], [x!]),
    }));
    expect(message).toMatch(
      /the op NoSuchOp cannot be captured: .*NoSuchOp.*refusal\.test\.ts:\d+/,
    );
    expect(cause).toBeInstanceOf(Error);
  });

  it('an attribute that a graph has no value for', async () => {
    const strings = { name: 'names', type: attributeType.string, value: ['a'] };
    const { message } = await refusedOf(({ x }) => ({
      y: tensorflow.backend.executeSingleOutput('Relu', [strings], [x!]),
    }));
    expect(message).toContain(`the attribute 'names' of the value ["a"]`);
  });

  it('results that are no numbers', async () => {
    const { message } = await refusedOf(() => ({
      y: stringOps.staticRegexReplace(tensor1d(['a', 'b']), 'a', 'b'),
    }));
    expect(message).toContain("the result 'y' is of the type string");
  });

  it('to capture a function inside of another', async () => {
    const inner = capture(({ x }) => ({ y: square(x!) }));
    const { message } = await refusedOf((given) => {
      inner.prepare({ x });
      return { y: given.x! };
    });
    expect(message).toMatch(/captured while another one is.*refusal\.test\.ts/);
    expect((await inner.run({ x })).y![1]).toBe(4);
  });

  it('a function that is asynchronous', async () => {
    const later = (async () => ({})) as unknown as TensorFunction;
    expect((await refusedOf(later)).message).toContain('asynchronous');
    const reading = (async ({ x }: { x: Tensor }) => ({ y: await x.data() })) as unknown;
    expect((await refusedOf(reading as TensorFunction)).message).toContain(
      "reads a tensor's values",
    );
  });

  it('leaves nothing behind where it fails in the middle of a backward pass', async () => {
    await refusedOf(({ x }) => {
      const { value, grads } = variableGrads(() => {
        const hidden = relu(mul(square(add(bound, x!)), scalar(2)));
        bound.assign(mul(bound, scalar(2)) as never);
        hidden.dataSync();
        return sum(hidden);
      }, [bound]);
      return { value, gradient: grads[bound.name]! };
    });
    const thrown = new Error('in a gradient');
    const before = counts(tensorflow);
    const failing = capture(({ x }) => {
      const { value } = variableGrads(() => {
        const hidden = square(mul(bound, x!));
        return sum(failingGradient(hidden, thrown));
      }, [bound]);
      return { value };
    });
    await expect(failing.run({ x })).rejects.toBe(thrown);
    expect(counts(tensorflow)).toEqual(before);
    const { grads, value } = tidy(() =>
      variableGrads(() => sum(square(add(bound, tensor1d(x)))), [bound]),
    );
    expect([...grads[bound.name]!.dataSync()]).toEqual([2, -4, 6, -8]);
    for (const each of [value, grads[bound.name]!]) each.dispose();
  });
});
