import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { dataType } from '../native/dataTypes.js';
import type { Pointer } from '../native/functions.js';
import { loadLibrary, type NativeLibrary } from '../native/library.js';
import { TensorFlowError } from '../native/status.js';
import { readTensor, tensorFrom } from '../native/tensor.js';
import { describeWithLibrary } from '../testing.suite.js';
import { Graph } from './graph.js';
import type { Program } from './program.js';
import { Session } from './session.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const { float32, int32 } = dataType;

/** Counts turns of the event loop until the work is done. */
async function ticksDuring(work: Promise<unknown>): Promise<number> {
  let ticks = 0;
  let running = true;
  const tick = () => {
    ticks++;
    if (running) setImmediate(tick);
  };
  setImmediate(tick);
  await work;
  running = false;
  return ticks;
}

describeWithLibrary('Session', (path) => {
  let library: NativeLibrary;
  let graph: Graph;
  let session: Session;
  beforeAll(() => {
    library = loadLibrary(path);
  });
  beforeEach(() => {
    graph = new Graph(library);
    session = new Session(graph);
    return async () => {
      await session.delete();
      graph.delete();
    };
  });

  /** Runs a program of one feed and one fetch, both float32. */
  async function runOn(program: Program, values: Float32Array, shape = [values.length]) {
    const { c } = library;
    const tensors: Pointer[] = [tensorFrom(c, float32, shape, values)];
    try {
      const fetched = await program.run(tensors);
      tensors.push(...fetched);
      const result = new Float32Array(c.TF_TensorByteSize(fetched[0]!) / 4);
      readTensor(c, fetched[0]!, result);
      return result;
    } finally {
      for (const tensor of tensors) c.TF_DeleteTensor(tensor);
    }
  }

  function doubling(shape: readonly number[]): Program {
    const x = graph.placeholder(float32, shape);
    return session.prepare({ feeds: [x], fetches: [graph.node('AddV2', [x, x])] });
  }

  it('runs a part of a graph, that grows meanwhile', async () => {
    const double = doubling([3]);
    expect(await runOn(double, Float32Array.of(1, 2, 3))).toEqual(Float32Array.of(2, 4, 6));
    const x = graph.placeholder(float32, [2]);
    const negate = session.prepare({ feeds: [x], fetches: [graph.node('Neg', [x])] });
    expect(await runOn(negate, Float32Array.of(1, -2))).toEqual(Float32Array.of(-1, 2));
    expect(await runOn(double, Float32Array.of(4, 5, 6))).toEqual(Float32Array.of(8, 10, 12));
  });

  it('computes with a float attribute', async () => {
    const x = graph.placeholder(float32, [2]);
    const leaky = graph.node('LeakyRelu', [x], { alpha: { float: 0.25 } });
    const program = session.prepare({ feeds: [x], fetches: [leaky] });
    expect(await runOn(program, Float32Array.of(-8, 8))).toEqual(Float32Array.of(-2, 8));
  });

  it('fetches several outputs, of operations with several, in order', async () => {
    const { c } = library;
    const x = graph.placeholder(float32, [5]);
    const top = graph.operation('TopKV2', {
      inputs: [x, graph.constant(int32, [], Int32Array.of(2))],
    });
    const [values, indices] = top.outputs;
    const program = session.prepare({ feeds: [x], fetches: [indices!, values!, indices!] });
    const input = tensorFrom(c, float32, [5], Float32Array.of(3, 9, 1, 7, 5));
    const fetched = await program.run([input]);
    const found = fetched.map((tensor) => {
      const into = c.TF_TensorType(tensor) === int32 ? new Int32Array(2) : new Float32Array(2);
      readTensor(c, tensor, into);
      return [...into];
    });
    for (const tensor of [input, ...fetched]) c.TF_DeleteTensor(tensor);
    expect(found).toEqual([
      [1, 3],
      [9, 7],
      [1, 3],
    ]);
  });

  it('lets the event loop go on while it computes', async () => {
    const x = graph.placeholder(float32, [1200, 1200]);
    const product = session.prepare({ feeds: [x], fetches: [graph.node('MatMul', [x, x])] });
    const values = new Float32Array(1200 * 1200).fill(1);
    const running = runOn(product, values, [1200, 1200]);
    expect(await ticksDuring(running)).toBeGreaterThan(0);
    expect((await running).every((value) => value === 1200)).toBe(true);
  });

  it('runs many at once, whatever the garbage collector does meanwhile', async () => {
    const program = doubling([2]);
    const all = Promise.all(
      Array.from({ length: 200 }, (_, i) => runOn(program, Float32Array.of(i, -i))),
    );
    let running = true;
    const churn = () => {
      collect();
      if (running) setImmediate(churn);
    };
    churn();
    const results = await all;
    running = false;
    expect(results.map((result) => [...result])).toEqual(results.map((_, i) => [2 * i, -2 * i]));
  });

  it("throws TensorFlow's own message where a run fails, and goes on", async () => {
    const x = graph.placeholder(float32, [2]);
    const message = { message: { string: 'the tensor of the test' } };
    const checked = graph.node('CheckNumerics', [x], message);
    const program = session.prepare({ feeds: [x], fetches: [checked] });
    const failure = await runOn(program, Float32Array.of(1, Number.NaN)).catch((error) => error);
    expect(failure).toBeInstanceOf(TensorFlowError);
    expect(failure.message).toMatch(/the tensor of the test.*NaN/);
    expect(failure.status).toBe(3);
    expect(await runOn(program, Float32Array.of(1, 2))).toEqual(Float32Array.of(1, 2));
    const unfed = session.prepare({ feeds: [], fetches: [checked] });
    await expect(unfed.run([])).rejects.toThrow(/feed a value for placeholder/);
  });

  it('refuses tensors for other feeds than it has', async () => {
    await expect(doubling([2]).run([])).rejects.toThrow('0 tensors for 1 feeds');
  });

  it('waits for what runs before it is deleted, and begins nothing more', async () => {
    const x = graph.placeholder(float32, [600, 600]);
    const program = session.prepare({ feeds: [x], fetches: [graph.node('MatMul', [x, x])] });
    const values = new Float32Array(600 * 600).fill(1);
    const running = runOn(program, values, [600, 600]);
    const deleted = session.delete();
    await expect(runOn(program, values, [600, 600])).rejects.toThrow('the session was deleted');
    // A session that is closed or gone breaks off what it runs.
    expect((await running).every((value) => value === 600)).toBe(true);
    await deleted;
    await session.delete();
  });

  it('holds no more memory after 15,000 runs than after 10,000', async () => {
    const program = doubling([2048]);
    const values = new Float32Array(2048).fill(1);
    const run5000 = async () => {
      for (let count = 0; count < 5_000; count++) await runOn(program, values);
      // What is left over for the next collection is not held.
      collect();
      return process.memoryUsage.rss();
    };
    await run5000();
    // A tensor that was left in each run would be 40 MB.
    const [half, whole] = [await run5000(), await run5000()];
    expect(whole - half).toBeLessThan(20 * 2 ** 20);
  });
});
