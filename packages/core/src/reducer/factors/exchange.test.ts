import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { rangeLength, rankSlice } from '../../data/index.js';
import type { Reducer } from '../reducer.js';
import { createSharedMemory } from '../sharedMemory/sharedMemory.js';
import { type Example, examplesOf, kernelAt } from './examples.suite.js';
import { FactorExchange, type Factors, type Multiply } from './exchange.js';
import type { FactoredKernel } from './kernel.js';
import { restIndex } from './layout.js';

const opened: Reducer[] = [];
const closeAll = async () => {
  for (const reducer of opened.splice(0)) await reducer.close();
};
afterEach(closeAll);

async function open(worldSize: number, length: number, deadlineMs = 20_000): Promise<Reducer[]> {
  const place = { segment: randomUUID() };
  const reducers = await Promise.all(
    Array.from({ length: worldSize }, (_, rank) =>
      createSharedMemory({ rank, worldSize, length, compression: 'none', deadlineMs }, place),
    ),
  );
  opened.push(...reducers);
  return reducers;
}

/** Whole numbers, so that every order of additions gives the same sum; other ones each step. */
const numberAt = (step: number, a: number, b: number): number =>
  ((step * 7 + a * 5 + b * 3) % 9) - 4;
const inputAt = (step: number, sample: number, row: number) => numberAt(step, sample, row);
const deltaAt = (step: number, sample: number, column: number) =>
  numberAt(step + 1, sample, 2 * column);
const restAt = (step: number, rank: number, i: number) => numberAt(step, 4 * rank, i);

function productAt({ columns }: FactoredKernel, factors: Omit<Factors, 'kernel'>, element: number) {
  const [row, column] = [Math.floor(element / columns), element % columns];
  const rows = factors.inputs.length / (factors.deltas.length / columns);
  let sum = 0;
  for (let n = 0; n * columns < factors.deltas.length; n++) {
    sum += factors.inputs[n * rows + row]! * factors.deltas[n * columns + column]!;
  }
  return sum;
}

const multiply: Multiply = async (products) => {
  for (const { kernel, elements, into, ...factors } of products) {
    expect(into).toHaveLength(rangeLength(elements));
    expect(factors.inputs.byteOffset % 64).toBe(0);
    expect(factors.deltas.byteOffset % 64).toBe(0);
    for (let i = 0; i < into.length; i++) {
      into[i] = productAt(kernel, factors, elements.begin + i);
    }
  }
};

const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
};

interface World extends Example {
  readonly worldSize: number;
  readonly samples: number;
  /** Of a global batch, by step. */
  readonly batches: readonly number[];
  /** Whether each rank gets all of the average, by step, over and over. */
  readonly whole: readonly boolean[];
}

/** One rank's steps: its gradients go in as factors, the parts that come out are compared with what they must be. */
async function runRank(world: World, reducers: readonly Reducer[], rank: number): Promise<void> {
  const { kernels, gradientLength, worldSize, samples, batches } = world;
  const reducer = reducers[rank]!;
  const exchange = new FactorExchange(
    { rank, worldSize, gradientLength, samples, kernels },
    reducer,
    multiply,
  );
  for (const [step, batch] of batches.entries()) {
    const slice = (of: number) => rankSlice({ begin: 0, end: batch }, of, worldSize);
    const own = slice(rank);
    const { factors, rest } = exchange.places(batch);
    for (const { kernel, inputs, deltas } of factors) {
      expect(inputs).toHaveLength(rangeLength(own) * kernel.rows);
      expect(deltas).toHaveLength(rangeLength(own) * kernel.columns);
      for (let n = own.begin; n < own.end; n++) {
        const at = n - own.begin;
        for (let row = 0; row < kernel.rows; row++) {
          inputs[at * kernel.rows + row] = inputAt(step, n, row);
        }
        // The mean gradient of this rank's samples is what counts by its weight.
        for (let column = 0; column < kernel.columns; column++) {
          deltas[at * kernel.columns + column] = deltaAt(step, n, column) / rangeLength(own);
        }
      }
    }
    // Who has no samples is not looked at.
    for (let i = 0; i < rest.length; i++) {
      rest[i] = rangeLength(own) > 0 ? restAt(step, rank, i) : Number.NaN;
    }
    await turns((rank + step) % 3);
    const isWhole = world.whole[step % world.whole.length]!;
    const range = isWhole ? { begin: 0, end: gradientLength } : reducer.own;
    const part = await (isWhole ? exchange.allReduce(batch) : exchange.reduceScatter(batch));
    expect(part).toHaveLength(rangeLength(range));
    await turns((rank + 2 * step) % 3);
    for (const [i, got] of part.entries()) {
      const index = range.begin + i;
      const found = kernelAt(world, index);
      let expected = 0;
      if (found < 0) {
        for (let r = 0; r < worldSize; r++) {
          const weight = rangeLength(slice(r)) / batch;
          expected += weight * restAt(step, r, restIndex(kernels, index));
        }
      } else {
        const { offset, columns } = kernels[found]!;
        const [row, column] = [Math.floor((index - offset) / columns), (index - offset) % columns];
        for (let n = 0; n < batch; n++) {
          expected += (inputAt(step, n, row) * deltaAt(step, n, column)) / batch;
        }
      }
      if (!(Math.abs(got - expected) < 1e-4)) {
        expect.fail(`step ${step}, element ${index}: ${got} instead of ${expected}`);
      }
    }
    if (isWhole) continue;
    const weights = reducer.shared!.gathered;
    weights.fill(step + rank, reducer.own.begin, reducer.own.end);
    await reducer.allGather(true);
    for (const [r, { own: theirs }] of reducers.entries()) {
      const gathered = weights.subarray(theirs.begin, theirs.end);
      expect(gathered.every((value) => value === step + r)).toBe(true);
    }
  }
}

it('gives each rank the average or its part of it, of any batches, whoever is late', async () => {
  const worlds = fc.record({
    // Large beside their factors, so that there is room.
    example: examplesOf(24, 40),
    worldSize: fc.integer({ min: 1, max: 4 }),
    samples: fc.integer({ min: 1, max: 5 }),
    shorter: fc.array(fc.nat(4), { minLength: 1, maxLength: 5 }),
    whole: fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }),
  });
  await fc.assert(
    fc
      .asyncProperty(worlds, async ({ example, worldSize, samples, shorter, whole }) => {
        const batches = shorter.map((less) => Math.max(1, samples - less));
        const world = { ...example, worldSize, samples, batches, whole };
        const reducers = await open(worldSize, world.gradientLength);
        await Promise.all(reducers.map((_, rank) => runRank(world, reducers, rank)));
      })
      .afterEach(closeAll),
    { numRuns: 60 },
  );
});

it('names who did not come, and ends with what multiplying throws', async () => {
  const kernels = [{ offset: 16, rows: 30, columns: 40 }];
  const options = { worldSize: 2, gradientLength: 2_000, samples: 4, kernels };
  const failing = async () => {
    throw new Error('no such product');
  };
  const reducers = await open(2, options.gradientLength, 100);
  const exchanges = reducers.map(
    (reducer, rank) => new FactorExchange({ ...options, rank }, reducer, failing),
  );
  const endings = await Promise.allSettled(exchanges.map((each) => each.reduceScatter(4)));
  expect(endings.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(endings[0]).toMatchObject({ reason: { message: 'no such product' } });
  await expect(exchanges[1]!.reduceScatter(4)).rejects.toMatchObject({
    code: 'WORKER_LOST',
    message: expect.stringContaining('rank 0 did not answer in the exchange'),
  });
});

it('refuses batches that are larger than was said, and memory without room', async () => {
  const kernels = [{ offset: 0, rows: 30, columns: 40 }];
  const options = { rank: 0, worldSize: 1, gradientLength: 1_500, samples: 4, kernels };
  const [reducer] = await open(1, 1_500);
  const exchange = new FactorExchange(options, reducer!, multiply);
  expect(() => exchange.places(5)).toThrow('5 samples where 4 are the most');
  const refused = expect.objectContaining({ code: 'INTERNAL' });
  expect(() => new FactorExchange({ ...options, samples: 500 }, reducer!, multiply)).toThrow(
    refused,
  );
  const apart = { own: reducer!.own, memory: reducer!.memory, shared: null };
  expect(() => new FactorExchange(options, apart, multiply)).toThrow(refused);
});
