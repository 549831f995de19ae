import {
  add,
  cast,
  fill,
  greater,
  logicalNot,
  memory,
  mul,
  type NamedTensorMap,
  neg,
  ones,
  reshape,
  scalar,
  setBackend,
  slice,
  square,
  sub,
  sum,
  type Tensor,
  tensor1d,
  tidy,
  type Variable,
  variable,
  zeros,
} from '@tensorflow/tfjs-core';
import { beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { TensorFlow } from '../backend/index.js';
import type { Graph } from '../graph/graph.js';
import { describeWithLibrary } from '../testing.suite.js';
import { counts, refusalOf, startForCapture } from './capture.suite.js';
import { CapturedFunction, type CaptureOptions } from './captured.js';
import type { Signature } from './signature.js';
import { GraphSpace } from './space.js';
import type { TensorFunction } from './trace.js';
import type { GraphVariable } from './variableValues.js';

const rows: Signature = { x: { dtype: 'float32', shape: [null, 2] } };
const floats = (...values: number[]) => Float32Array.from(values);

describeWithLibrary('CapturedFunction', (library) => {
  let tensorflow: TensorFlow;
  let space: GraphSpace;
  beforeAll(async () => {
    tensorflow = await startForCapture(library);
  });
  beforeEach(() => {
    space = new GraphSpace(tensorflow);
    const before = memory().numTensors;
    return async () => {
      await space.delete();
      expect(memory().numTensors).toBe(before);
    };
  });

  /** With the function as a spy: it is called once for each capture. */
  function capture(work: TensorFunction, options: Partial<CaptureOptions> = {}) {
    const traced = vi.fn(work);
    const captured = new CapturedFunction(space, traced, {
      name: 'test',
      inputs: rows,
      ...options,
    });
    return { traced, captured };
  }

  /** A variable of the graph with a value, and what TensorFlow.js knows it as. */
  async function bound(values: Float32Array): Promise<[Variable, GraphVariable]> {
    const known = tidy(() => variable(zeros([values.length])));
    const target = space.variable(known.name, [values.length]);
    space.bind(known, target);
    await space.writeFrom([target], values);
    return [known, target];
  }

  async function valuesIn(target: GraphVariable): Promise<Float32Array> {
    const values = new Float32Array(target.shape[0]!);
    await space.readInto([target], values);
    return values;
  }

  it('is captured once for each set of shapes, and again for none it had', async () => {
    const { traced, captured } = capture(({ x }) => ({ y: square(x!) }));
    expect(await captured.run({ x: floats(1, 2) })).toEqual({ y: floats(1, 4) });
    expect(await captured.run({ x: floats(3, 4) })).toEqual({ y: floats(9, 16) });
    expect(traced).toHaveBeenCalledTimes(1);
    expect(await captured.run({ x: floats(1, 2, 3, 4) })).toEqual({ y: floats(1, 4, 9, 16) });
    expect(await captured.run({ x: floats(5, 6) })).toEqual({ y: floats(25, 36) });
    expect(traced).toHaveBeenCalledTimes(2);
    captured.prepare({ x: new Float32Array(6) });
    expect(traced).toHaveBeenCalledTimes(3);
    await captured.run({ x: new Float32Array(6) });
    expect(traced).toHaveBeenCalledTimes(3);
  });

  it('refuses more shapes than it may have, and goes on with those it has', async () => {
    const { captured } = capture(({ x }) => ({ y: neg(x!) }), { maxShapes: 1 });
    await captured.run({ x: floats(1, 2) });
    const { message, hint } = await refusalOf(() => captured.run({ x: floats(1, 2, 3, 4) }));
    expect(message).toContain("'test' was captured for 1 sets of input shapes");
    expect(hint).toContain('Pad');
    expect(await captured.run({ x: floats(1, 2) })).toEqual({ y: floats(-1, -2) });
  });

  it('runs further shapes op by op where it may, and says so once', async () => {
    const onFallback = vi.fn();
    const { traced, captured } = capture(({ x }) => ({ y: add(x!, scalar(1)) }), {
      maxShapes: 1,
      onFallback,
    });
    await captured.run({ x: floats(1, 2) });
    for (const _ of [1, 2]) {
      expect(await captured.run({ x: floats(1, 2, 3, 4) })).toEqual({ y: floats(2, 3, 4, 5) });
    }
    expect(onFallback.mock.calls.map(([{ code }]) => code)).toEqual(['CAPTURE_FAILED']);
    expect(traced).toHaveBeenCalledTimes(3);
    // The results have shapes that were captured as inputs: no reason to take one for the other.
    expect(await captured.run({ x: floats(5, 6) })).toEqual({ y: floats(6, 7) });
    expect(traced).toHaveBeenCalledTimes(3);
  });

  it('does not call what a function throws of its own a fallback', async () => {
    const onFallback = vi.fn();
    const fails = () => {
      throw new TypeError('of its own');
    };
    const { captured } = capture(fails, { onFallback });
    await expect(captured.run({ x: floats(1, 2) })).rejects.toThrow(new TypeError('of its own'));
    expect(onFallback).not.toHaveBeenCalled();
  });

  it('takes inputs of every type, and gives results of every type', async () => {
    const inputs: Signature = {
      float: { dtype: 'float32', shape: [2] },
      int: { dtype: 'int32', shape: [2] },
      bool: { dtype: 'bool', shape: [2] },
      bytes: { dtype: 'uint8', shape: [2] },
      number: { dtype: 'float32', shape: [] },
    };
    const work: TensorFunction = ({ float, int, bool, bytes, number }) => ({
      float: mul(add(float!, bytes!), number!),
      int: add(int!, int!),
      bool: logicalNot(bool!),
      same: float!,
    });
    const feeds = {
      float: floats(0.5, -1),
      int: Int32Array.of(2 ** 30 - 1, -3),
      bool: Uint8Array.of(1, 0),
      bytes: Uint8Array.of(255, 0),
      number: floats(2),
    };
    const expected = {
      float: floats(511, -2),
      int: Int32Array.of(2 ** 31 - 2, -6),
      bool: Uint8Array.of(0, 1),
      same: floats(0.5, -1),
    };
    expect(await capture(work, { inputs }).captured.run(feeds)).toEqual(expected);
    const eager = capture(work, { inputs, maxShapes: 0, onFallback: () => {} });
    expect(await eager.captured.run(feeds)).toEqual(expected);
  });

  it('refuses inputs that are missing, of another type or of another length', async () => {
    const { captured, traced } = capture(({ x }) => ({ x: neg(x!) }));
    await expect(captured.run({})).rejects.toThrow("the input 'x' is missing");
    await expect(captured.run({ x: Int32Array.of(1, 2) })).rejects.toThrow(
      "the input 'x' is a Int32Array, where float32 is a Float32Array",
    );
    await expect(captured.run({ x: floats(1, 2, 3) })).rejects.toThrow(/3 elements/);
    expect(traced).not.toHaveBeenCalled();
  });

  it('takes and gives arrays without elements', async () => {
    const { captured } = capture(({ x }) => ({
      y: neg(x!),
      z: sum(x!),
      none: slice(x!, 0, [0, 2]),
    }));
    const results = await captured.run({ x: new Float32Array(0) });
    expect(results).toEqual({ y: floats(), z: floats(0), none: floats() });
    const { none } = await captured.run({ x: floats(1, 2) });
    expect(none).toEqual(floats());
  });

  it('fills the arrays it is given, and no others', async () => {
    const { captured } = capture(({ x }) => ({ y: neg(x!), z: square(x!) }));
    const padded = floats(9, 9, 9, 9);
    const y = padded.subarray(1, 3);
    const results = await captured.run({ x: floats(1, 2) }, { y });
    expect(results.y).toBe(y);
    expect(padded).toEqual(floats(9, -1, -2, 9));
    expect(results.z).toEqual(floats(1, 4));
    await expect(captured.run({ x: floats(1, 2) }, { y: floats(0) })).rejects.toThrow(/4 bytes/);
  });

  it('gives results of whatever names', async () => {
    const { captured } = capture(({ x }) => ({ constructor: neg(x!) }) as NamedTensorMap);
    expect(Object.entries(await captured.run({ x: floats(1, 2) }))).toEqual([
      ['constructor', floats(-1, -2)],
    ]);
  });

  it('has read its inputs when it returns, though it waits for its turn', async () => {
    const { captured } = capture(({ x }) => ({ y: neg(x!) }));
    const eager = capture(({ x }) => ({ y: neg(x!) }), { maxShapes: 0, onFallback: () => {} });
    const x = floats(0, 0);
    const runs = Array.from({ length: 6 }, (_, i) => {
      x.fill(i);
      return (i % 2 === 0 ? captured : eager.captured).run({ x });
    });
    x.fill(99);
    const found = (await Promise.all(runs)).map(({ y }) => -y![0]!);
    expect(found).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('lets the event loop go on while it runs', async () => {
    const inputs: Signature = { x: { dtype: 'float32', shape: [900, 900] } };
    const { captured } = capture(({ x }) => ({ y: sum(x!.matMul(x!)) }), { inputs });
    let ticks = 0;
    const timer = setInterval(() => ticks++, 0);
    const { y } = await captured.run({ x: new Float32Array(900 * 900).fill(0.5) });
    clearInterval(timer);
    expect(y![0]! / (900 ** 3 * 0.25)).toBeCloseTo(1, 4);
    expect(ticks).toBeGreaterThan(0);
  });

  it('unrolls what JavaScript decides', async () => {
    const { captured } = capture(({ x }) => {
      let y = x!;
      for (let i = 1; i <= x!.shape[0]!; i++) y = i % 2 === 0 ? mul(y, scalar(i)) : add(y, x!);
      return { y };
    });
    expect(await captured.run({ x: floats(1, 2, 3, 4, 5, 6) })).toEqual({
      y: floats(5, 10, 15, 20, 25, 30),
    });
  });

  it('reads variables as they are when it runs', async () => {
    const [known, target] = await bound(floats(1, 2));
    const { captured, traced } = capture(({ x }) => ({ y: mul(x!, known) }));
    expect(await captured.run({ x: floats(3, 4) })).toEqual({ y: floats(3, 8) });
    await space.writeFrom([target], floats(10, 20));
    expect(await captured.run({ x: floats(3, 4) })).toEqual({ y: floats(30, 80) });
    expect(traced).toHaveBeenCalledTimes(1);
    known.dispose();
  });

  it('does not take what shares a value with a variable for the variable', async () => {
    const initial = tensor1d([1, 2]);
    const known = variable(initial);
    const other = tidy(() => variable(zeros([2])));
    other.assign(known);
    const [target, otherTarget] = [space.variable('one', [2]), space.variable('two', [2])];
    space.bind(known, target);
    space.bind(other, otherTarget);
    await space.writeFrom([target, otherTarget], floats(10, 20, 300, 400));
    const { captured } = capture(({ x }) => ({
      constant: add(x!, initial),
      known: add(x!, known),
      other: add(x!, other),
    }));
    expect(await captured.run({ x: floats(0, 0) })).toEqual({
      constant: floats(1, 2),
      known: floats(10, 20),
      other: floats(300, 400),
    });
    for (const each of [initial, known, other]) each.dispose();
  });

  const moving = (known: Variable): TensorFunction => {
    return ({ x }) => {
      const before = mul(known, scalar(1));
      known.assign(add(mul(known, scalar(0.75)), mul(sum<Tensor>(x!, 0), scalar(0.25))) as never);
      return { before, after: mul(known, scalar(1)) };
    };
  };

  it.each([
    ['captured', {}],
    ['run op by op', { maxShapes: 0, onFallback: () => {} }],
  ])('changes variables that the function assigns, %s', async (_, options) => {
    const [known, target] = await bound(floats(8, 16));
    const { captured } = capture(moving(known), options);
    const x = floats(1, 2, 3, 2);
    expect(await captured.run({ x })).toEqual({ before: floats(8, 16), after: floats(7, 13) });
    expect(await valuesIn(target)).toEqual(floats(7, 13));
    expect(await captured.run({ x })).toEqual({
      before: floats(7, 13),
      after: floats(6.25, 10.75),
    });
    if (_ === 'captured') expect(known.dataSync()).toEqual(floats(0, 0));
    known.dispose();
  });

  it('swaps variables that a function assigns to each other', async () => {
    const [one, first] = await bound(floats(1, 2));
    const [other, second] = await bound(floats(3, 4));
    const { captured } = capture(() => {
      const kept = one.clone();
      one.assign(other);
      other.assign(kept as never);
      return {};
    });
    for (const expected of [
      [3, 4, 1, 2],
      [1, 2, 3, 4],
    ]) {
      await captured.run({ x: floats(0, 0) });
      const found = new Float32Array(4);
      await space.readInto([first, second], found);
      expect([...found]).toEqual(expected);
    }
    for (const each of [one, other]) each.dispose();
  });

  it('gives the same captured and op by op, with what comes after the function', async () => {
    const results = [];
    for (const options of [{}, { maxShapes: 0, onFallback: () => {} }]) {
      const [known, target] = await bound(floats(1, 2));
      const [stepped, variableStepped] = await bound(floats(0, 0));
      const work: TensorFunction = ({ x }): NamedTensorMap => {
        const y = mul(x!, add(known, stepped));
        known.assign(sub(known, scalar(0.5)) as never);
        return { y };
      };
      const { captured } = capture(work, {
        finishInputs: { rate: { dtype: 'float32', shape: [] } },
        finish: (graph, { y, rate }, { reads }) => {
          const row = graph.node('Reshape', [y!, graph.int32(2)]);
          const step = graph.node('Mul', [row, rate!]);
          const read = reads.get(variableStepped);
          const assign = graph.operation('AssignAddVariableOp', {
            inputs: [variableStepped.handle, step],
            attributes: { dtype: { type: 1 } },
            after: read === undefined ? [] : [read.oper],
          });
          return {
            fetches: { total: graph.node('Sum', [row, graph.int32(0)]) },
            targets: [assign],
          };
        },
        ...options,
      });
      const totals = [];
      for (const rate of [0.5, 0.25, 2]) {
        const { total } = await captured.run({ x: floats(1, 3), rate: floats(rate) });
        totals.push(total![0]);
      }
      results.push({ totals, one: await valuesIn(target), two: await valuesIn(variableStepped) });
      for (const each of [known, stepped]) each.dispose();
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[0]!.one).toEqual(floats(-0.5, 0.5));
    expect(results[0]!.totals[0]).toBe(7);
  });

  it('makes no copies of large constants of equal elements', async () => {
    const inputs: Signature = { x: { dtype: 'float32', shape: [1] } };
    const { c } = tensorflow.library;
    const sizes: number[] = [];
    const { constantOf } = space.graph;
    vi.spyOn(space.graph, 'constantOf').mockImplementation(function (this: Graph, tensor, type) {
      sizes.push(c.TF_TensorByteSize(tensor));
      return constantOf.call(this, tensor, type);
    });
    const { captured } = capture(
      ({ x }) => ({
        ones: sum(mul(ones([1000, 1000]), x!)),
        ints: sum(add(zeros([1000], 'int32'), cast(x!, 'int32'))),
        bools: sum(cast(logicalNot(zeros([100], 'bool')), 'float32')),
        filled: sum(mul(fill([50, 50], 0.5), x!)),
        mixed: sum(mul(reshape(tensor1d([...new Float32Array(31), -0]), [32]), x!)),
        one: greater(x!, ones([1])),
      }),
      { inputs },
    );
    expect(await captured.run({ x: floats(3) })).toEqual({
      ones: floats(3e6),
      ints: Int32Array.of(3000),
      bools: floats(100),
      filled: floats(3750),
      mixed: floats(0),
      one: Uint8Array.of(1),
    });
    // The largest is the one whose last zero is negative.
    expect(Math.max(...sizes)).toBe(32 * 4);
  });

  it('computes on TensorFlow, whatever backend was chosen meanwhile', async () => {
    const [known] = await bound(floats(1, 2));
    const work: TensorFunction = ({ x }) => ({ y: mul(add(x!, known), scalar(2)) });
    await setBackend('cpu');
    for (const options of [{}, { maxShapes: 0, onFallback: () => {} }]) {
      const running = capture(work, options).captured.run({ x: floats(1, 1) });
      await setBackend('cpu');
      expect(await running).toEqual({ y: floats(4, 6) });
    }
    known.dispose();
    await setBackend('tensorflow');
  });

  it('takes turns with whatever else runs in its space', async () => {
    const [known, target] = await bound(floats(0, 0));
    const { captured } = capture(({ x }) => {
      known.assign(add(known, sum<Tensor>(x!, 0)) as never);
      return { now: mul(known, scalar(1)) };
    });
    const expected: number[] = [];
    const found: Promise<number>[] = [];
    for (let i = 1; i <= 20; i++) {
      found.push(captured.run({ x: floats(1, 1) }).then(({ now }) => now![1]!));
      expected.push(i);
      const values = new Float32Array(2);
      found.push(space.readInto([target], values).then(() => values[0]!));
      expected.push(i);
    }
    expect(await Promise.all(found)).toEqual(expected);
    known.dispose();
  });

  it('runs to its end in a space that is deleted, and not again', async () => {
    const other = new GraphSpace(tensorflow);
    const work: TensorFunction = ({ x }) => ({ y: neg(x!) });
    const captured = new CapturedFunction(other, work, { name: 'late', inputs: rows });
    const running = [1, 2, 3].map((value) => captured.run({ x: floats(value, value) }));
    const deleted = other.delete();
    expect((await Promise.all(running)).map(({ y }) => y![0])).toEqual([-1, -2, -3]);
    await deleted;
    await other.delete();
    await expect(captured.run({ x: floats(1, 2) })).rejects.toThrow('the graph was deleted');
    await expect(captured.run({ x: floats(1, 2, 3, 4) })).rejects.toThrow('the graph was deleted');
  });

  it('leaves no tensors behind, whatever goes wrong', async () => {
    const [known] = await bound(floats(1, 2));
    const fine = capture(moving(known)).captured;
    const eager = capture(moving(known), { maxShapes: 0, onFallback: () => {} }).captured;
    // The first run hands the variable's value over to TensorFlow.
    await fine.run({ x: floats(1, 2) });
    const before = counts(tensorflow);
    for (let i = 0; i < 3; i++) {
      await fine.run({ x: floats(1, 2) });
      await eager.run({ x: floats(1, 2) });
      await fine.run({ x: floats(1, 2) }, { before: floats(1) }).catch(() => {});
      await fine.run({ x: floats(1) }).catch(() => {});
    }
    expect(counts(tensorflow)).toEqual(before);
    known.dispose();
  });
});
