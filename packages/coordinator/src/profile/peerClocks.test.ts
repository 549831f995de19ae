import type { Header, RankTimes } from '@lockstep/core/protocol';
import { expect, it } from 'vitest';
import { PeerClocks } from './peerClocks.js';

it('has the times of a peer on the clock of this process, once it knows how that of the peer stands', () => {
  const clocks = new PeerClocks();
  const theirs = 7_000_000;
  const times: RankTimes = [theirs + 30, 1, 2, 3, 4, 5, 6];
  expect(clocks.onOurClock('a', times)).toBe(null);

  const askedAt = clocks.now();
  const pong: Header<'pong'> = {
    kind: 'pong',
    run: 'r',
    generation: 0,
    step: 0,
    waitingFor: [],
    askedAt,
    answeredAt: theirs,
  };
  clocks.answered('a', pong);
  const receivedAt = clocks.now();

  const [begin, ...durations] = clocks.onOurClock('a', times)!;
  expect(begin).toBeGreaterThanOrEqual(askedAt + 30);
  expect(begin).toBeLessThanOrEqual(receivedAt + 30);
  expect(durations).toEqual([1, 2, 3, 4, 5, 6]);
  expect(clocks.onOurClock('b', times)).toBe(null);
});
