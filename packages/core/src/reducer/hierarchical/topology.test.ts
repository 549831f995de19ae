import { expect, it } from 'vitest';
import { topologyOf } from './topology.js';

it('has a leader for each host, and the part of each host in one piece', () => {
  const hosts = ['a', 'a', 'b', 'c', 'c', 'c'];
  const length = 6 * 16;
  expect(topologyOf(hosts, 4, length)).toEqual({
    host: 2,
    locals: [3, 4, 5],
    leaders: [0, 2, 3],
    bounds: [0, 32, 48, 96],
  });
  expect(topologyOf(hosts, 0, length)).toMatchObject({ host: 0, locals: [0, 1] });
});

it('refuses hosts whose ranks are not next to each other', () => {
  expect(() => topologyOf(['a', 'b', 'a'], 0, 1)).toThrow(/next to each other/);
  expect(() => topologyOf(['a', 'b'], 2, 1)).toThrow(/next to each other/);
});
