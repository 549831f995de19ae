import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../time/virtualTime.js';
import type { NetworkDescription } from './description.js';
import { plainNetwork as plain } from './example.suite.js';
import { Network } from './network.js';

type Sent = readonly [from: number, to: number, bytes: number, at?: number];

/** @returns when the receiver of each had it, in microseconds */
async function deliver(
  description: NetworkDescription,
  ranks: number,
  messages: readonly Sent[],
  seed = 1,
): Promise<number[]> {
  const clock = new VirtualTime();
  const network = new Network(clock, description, { ranks, seed });
  const times: number[] = [];
  for (const [i, [from, to, bytes, at = 0]] of messages.entries()) {
    clock.at(at * 1e-6, () => {
      const { core } = network.endpoints[to]!;
      network.send(from, to, bytes, {
        receive: () => {
          times[i] = core.time * 1e6;
        },
      });
    });
  }
  await clock.run();
  expect(network.messages).toBe(messages.length);
  return times.map((time) => Number(time.toFixed(3)));
}

describe('a network', () => {
  it('takes the latency and the bytes, once', async () => {
    expect(await deliver(plain, 2, [[0, 1, 1_000_000]])).toEqual([1100]);
  });

  it('sends one message after the other, and receives meanwhile', async () => {
    const messages: Sent[] = [
      [0, 1, 1_000_000],
      [0, 2, 1_000_000],
      [1, 0, 1_000_000],
    ];
    expect(await deliver(plain, 3, messages)).toEqual([1100, 2100, 1100]);
  });

  it('lets those that come at once to one host in one after the other', async () => {
    const messages: Sent[] = [
      [0, 2, 1_000_000],
      [1, 2, 1_000_000, 10],
    ];
    expect(await deliver(plain, 3, messages)).toEqual([1100, 2100]);
  });

  it('has ranks of one host share its adapter, and talk past it', async () => {
    const hosts = { ...plain, host: { ...plain.host, ranks: 2 } };
    const messages: Sent[] = [
      [0, 2, 1_000_000],
      [1, 3, 1_000_000],
      [2, 3, 1_000_000],
    ];
    expect(await deliver(hosts, 4, messages)).toEqual([1100, 2100, 110]);
  });

  it('copies on the cores of both, which do one thing at a time', async () => {
    const processor = { ...plain.processor, sendMicroseconds: 5, receiveMicroseconds: 7 };
    const busy = { ...plain, processor: { ...processor, copyGigabytesPerSecond: 0.5 } };
    // 5 + 200 on the way out, 100 + 100 on the way, 7 + 200 on the way in.
    expect(await deliver(busy, 2, [[0, 1, 100_000]])).toEqual([612]);
    // Behind the first on the sender's core, then behind it on the receiver's.
    const twice: Sent[] = [
      [0, 1, 100_000],
      [0, 1, 100_000],
    ];
    expect(await deliver(busy, 2, twice)).toEqual([612, 819]);
  });

  it('has ranks that share a core wait for each other', async () => {
    const processor = { ...plain.processor, receiveMicroseconds: 50 };
    const host = { ...plain.host, ranks: 3, cores: 2 };
    const crowded = { ...plain, processor, host };
    const messages: Sent[] = [
      [3, 0, 0],
      [3, 1, 0],
      [3, 2, 0],
    ];
    expect(await deliver(crowded, 4, messages)).toEqual([150, 150, 200]);
  });

  it('has a slow rank take as many times as long', async () => {
    const processor = { ...plain.processor, sendMicroseconds: 10, receiveMicroseconds: 10 };
    const uneven = { ...plain, processor, slow: [{ ranks: [1], times: 3 }] };
    expect(await deliver(uneven, 2, [[0, 1, 0]])).toEqual([140]);
    expect(await deliver(uneven, 2, [[1, 0, 0]])).toEqual([140]);
  });

  it('delays messages by chance, of the seed only, and none past another of its connection', async () => {
    const jitters = [
      { distribution: 'uniform', microseconds: 1000 },
      { distribution: 'exponential', microseconds: 300 },
    ] as const;
    for (const jitter of jitters) {
      const shaky = { ...plain, link: { ...plain.link, jitter } };
      const messages: Sent[] = Array.from({ length: 20 }, (_, i) => [i % 2, 2, 100, 10 * i]);
      const times = await deliver(shaky, 3, messages);
      expect(await deliver(shaky, 3, messages)).toEqual(times);
      expect(await deliver(shaky, 3, messages, 2)).not.toEqual(times);
      for (const from of [0, 1]) {
        const own = times.filter((_, i) => i % 2 === from);
        expect(own).toEqual([...own].sort((a, b) => a - b));
      }
      expect(Math.max(...times)).toBeGreaterThan(500);
    }
  });

  it('is never faster than its parts, whatever is sent', async () => {
    const message = fc.record({
      from: fc.nat(5),
      to: fc.nat(5),
      bytes: fc.nat(1_000_000),
      at: fc.nat(2000),
    });
    const hosts = { ...plain, host: { ...plain.host, ranks: 2 } };
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 20 }), async (drawn) => {
        const messages = drawn.filter(({ from, to }) => from !== to);
        const sent = messages.map(({ from, to, bytes, at }): Sent => [from, to, bytes, at]);
        const times = await deliver(hosts, 6, sent);
        const across = messages.map(({ from, to }) => Math.floor(from / 2) !== Math.floor(to / 2));
        for (const [i, { bytes, at }] of messages.entries()) {
          const least = across[i] ? 100 + bytes / 1000 : 10 + bytes / 10_000;
          expect(times[i]).toBeGreaterThanOrEqual(at + least - 0.01);
        }
        // All that left a host has passed its adapter by then.
        for (let host = 0; host < 3; host++) {
          const own = messages.filter(({ from }, i) => across[i] && Math.floor(from / 2) === host);
          const bytes = own.reduce((sum, each) => sum + each.bytes, 0);
          const last = Math.max(...times.filter((_, i) => own.includes(messages[i]!)));
          if (own.length > 0) expect(last).toBeGreaterThanOrEqual(100 + bytes / 1000 - 0.01);
        }
      }),
      { numRuns: 50 },
    );
  });
});
