import { describe, expect, it } from 'vitest';
import type { NetworkDescription } from '../network/description.js';
import { plainNetwork as plain } from '../network/example.suite.js';
import type { Scenario } from './scenario.js';
import { simulate } from './simulate.js';
import type { Workload } from './workload.js';

/** 4 MB of gradient, most of it known after 6 of 10 ms. */
const workload: Workload = {
  length: 1_000_000,
  alone: 0.011,
  gradients: 0.01,
  apply: 0.001,
  parts: [
    { range: { begin: 100_000, end: 1_000_000 }, at: 0.006 },
    { range: { begin: 0, end: 100_000 }, at: 0.01 },
  ],
  sharesCore: true,
};

const ring: Scenario = {
  network: plain,
  ranks: 4,
  allReduce: 'ring',
  compression: 'none',
  workload,
  overlaps: false,
  steps: 1,
  seed: 1,
};

const busy: NetworkDescription = {
  ...plain,
  link: { ...plain.link, jitter: { distribution: 'exponential', microseconds: 50 } },
  processor: {
    ...plain.processor,
    sendMicroseconds: 8,
    receiveMicroseconds: 12,
    copyGigabytesPerSecond: 5,
    addGigabytesPerSecond: 10,
  },
};

/** Everything that arrives, when and where. */
async function traceOf(scenario: Scenario) {
  const lines: string[] = [];
  const result = await simulate(scenario, (time, from, to, bytes) => {
    lines.push(`${time} ${from} ${to} ${bytes}`);
  });
  expect(lines).toHaveLength(result.messages);
  return { lines, result };
}

describe('a simulated step', () => {
  it('is what its parts are', async () => {
    const { whole, reduce, barrier } = await simulate(ring);
    // Six hops of 1 MB at 1 GB/s: two chunks each, so that latency is hidden but at the end.
    expect(reduce).toBeGreaterThan(0.006);
    expect(reduce).toBeLessThan(0.0064);
    // The coordinator answers while the next step is computed.
    expect(barrier).toBeCloseTo(0, 9);
    expect(whole).toBeCloseTo(0.011 + reduce, 6);
  });

  it('waits for a coordinator that is slower than the ranks', async () => {
    const coordinator = { ...plain.coordinator, contributionMicroseconds: 10_000 };
    const { whole, barrier } = await simulate({
      ...ring,
      network: { ...plain, coordinator },
      steps: 4,
    });
    // It reads four contributions a step, and nothing else.
    expect(whole).toBeCloseTo(0.04, 3);
    expect(barrier).toBeGreaterThan(0.01);
  });

  it('is as long as the next one, and as those that are trained one after the other', async () => {
    const one = await simulate(ring);
    const three = await simulate({ ...ring, steps: 3 });
    expect(three.whole).toBeCloseTo(one.whole, 6);
    expect(three.messages).toBeGreaterThan(2.5 * one.messages);
  });

  it('hides what it sends behind what it computes', async () => {
    const apart = await simulate(ring);
    const overlapped = await simulate({ ...ring, overlaps: true });
    // Of the first 3.6 MB 4 of 5.4 ms are hidden.
    expect(apart.whole - overlapped.whole).toBeGreaterThan(0.0035);
    expect(apart.whole - overlapped.whole).toBeLessThan(0.0042);
    expect(overlapped.whole).toBeGreaterThan(0.011);
  });

  it('hides nothing of what the core itself does, unless a device computes', async () => {
    const processor = { ...plain.processor, copyGigabytesPerSecond: 2 };
    const copying = { ...ring, network: { ...plain, processor }, overlaps: true };
    const device = { ...copying, workload: { ...workload, sharesCore: false } };
    // 6 MB out and 6 MB in, at 2 GB/s.
    const cores = await simulate(copying);
    expect(cores.whole).toBeGreaterThan(0.011 + 0.006);
    expect((await simulate(device)).whole).toBeLessThan(cores.whole - 0.002);
  });

  it('waits for who is slow', async () => {
    const uneven = { ...plain, slow: [{ ranks: [2], times: 1.5 }] };
    const apart = await simulate({ ...ring, network: uneven });
    expect(apart.whole - (await simulate(ring)).whole).toBeCloseTo(0.5 * 0.011, 4);
  });

  it('computes in turns where ranks share a core', async () => {
    const host = { ...plain.host, ranks: 4, cores: 2 };
    const alone = { ...plain, host: { ...host, cores: 4 } };
    const shared = await simulate({ ...ring, network: { ...plain, host } });
    expect(shared.whole - (await simulate({ ...ring, network: alone })).whole).toBeCloseTo(
      0.011,
      4,
    );
  });

  it.each(['star', 'ring'] as const)('repeats to the last event, by %s', async (allReduce) => {
    const scenario = { ...ring, network: busy, allReduce, ranks: 6, steps: 2 };
    const first = await traceOf(scenario);
    expect(await traceOf(scenario)).toEqual(first);
    const otherwise = await traceOf({ ...scenario, seed: 2 });
    expect(otherwise.lines).not.toEqual(first.lines);
    expect(otherwise.result.messages).toBe(first.result.messages);
  });

  it('sends half of the bytes where gradients are compressed', async () => {
    const bytesOf = async (scenario: Scenario) => {
      let sum = 0;
      await simulate(scenario, (_time, _from, _to, bytes) => {
        sum += bytes;
      });
      return sum;
    };
    const half = await bytesOf({ ...ring, compression: 'bfloat16' });
    expect(half / (await bytesOf(ring))).toBeCloseTo(0.5, 2);
  });

  it('has room for many ranks', async () => {
    const { messages, whole } = await simulate({ ...ring, ranks: 300, overlaps: true });
    // Two ranges, 598 hops of each by 300 ranks.
    expect(messages).toBeGreaterThan(2 * 598 * 300);
    expect(whole).toBeGreaterThan(598 * 100e-6);
  });
});
