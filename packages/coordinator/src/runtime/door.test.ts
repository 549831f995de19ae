import { encode } from '@lockstep/core/protocol';
import { expect, it } from 'vitest';
import { hello } from '../machine/rehearsal.suite.js';
import { Door } from './door.js';

const small = encode(hello());
const checksum = new Uint8Array(4);

it('reads what may be a hello, and tells whoever sends something larger', () => {
  const door = new Door();
  const knock = (...frames: Uint8Array[]) => door.knock('a', frames);
  expect(knock(...small)).toBe('read');
  expect(knock()).toBe('tell');
  expect(knock(...small, ...small)).toBe('tell');
  expect(knock(new Uint8Array(16 * 1024 - 4), checksum)).toBe('read');
  expect(knock(new Uint8Array(16 * 1024), checksum)).toBe('tell');
});

it('reads a few messages of a stranger, and none of one that was refused', () => {
  const door = new Door();
  const read = Array.from({ length: 30 }, () => door.knock('talks', small));
  expect(read.filter((knock) => knock === 'read')).toHaveLength(20);
  expect(read.at(-1)).toBe('ignore');
  door.turnAway('refused');
  expect(door.knock('refused', small)).toBe('ignore');
  expect(door.knock('refused', [...small, ...small])).toBe('ignore');
  expect(door.knock('another', small)).toBe('read');
});

it('remembers the last ten thousand, whoever comes', () => {
  const door = new Door();
  door.turnAway('first');
  for (let i = 0; i < 9_999; i++) door.turnAway(`stranger ${i}`);
  // Seen again, it is not among those that are forgotten next.
  expect(door.knock('first', small)).toBe('ignore');
  door.turnAway('first');
  door.turnAway('one more');
  expect(door.knock('first', small)).toBe('ignore');
  expect(door.knock('stranger 0', small)).toBe('read');
});
