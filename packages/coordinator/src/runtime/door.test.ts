import { encode } from '@lockstep/core/protocol';
import { expect, it } from 'vitest';
import { hello } from '../machine/rehearsal.suite.js';
import { Door } from './door.js';

const small = encode(hello());
const checksum = new Uint8Array(4);

it('lets in what may be a hello, and nothing larger', () => {
  const door = new Door();
  expect(door.mayKnock('a', small)).toBe(true);
  expect(door.mayKnock('a', [])).toBe(false);
  expect(door.mayKnock('a', [...small, ...small])).toBe(false);
  expect(door.mayKnock('a', [new Uint8Array(16 * 1024 - 4), checksum])).toBe(true);
  expect(door.mayKnock('a', [new Uint8Array(16 * 1024), checksum])).toBe(false);
});

it('reads a few messages of a stranger, and none of one that was refused', () => {
  const door = new Door();
  const read = Array.from({ length: 30 }, () => door.mayKnock('talks', small));
  expect(read.filter(Boolean)).toHaveLength(20);
  expect(read.at(-1)).toBe(false);
  door.turnAway('refused');
  expect(door.mayKnock('refused', small)).toBe(false);
  expect(door.mayKnock('another', small)).toBe(true);
});

it('counts what it does not read', () => {
  const door = new Door();
  const parts = [...small, ...small];
  for (let i = 0; i < 20; i++) door.mayKnock('a', parts);
  expect(door.mayKnock('a', small)).toBe(false);
});

it('remembers the last ten thousand, whoever comes', () => {
  const door = new Door();
  door.turnAway('first');
  for (let i = 0; i < 9_999; i++) door.turnAway(`stranger ${i}`);
  // Seen again, it is not among those that are forgotten next.
  expect(door.mayKnock('first', small)).toBe(false);
  door.turnAway('first');
  door.turnAway('one more');
  expect(door.mayKnock('first', small)).toBe(false);
  expect(door.mayKnock('stranger 0', small)).toBe(true);
});
