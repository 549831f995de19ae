import type { ChunkRequest } from '@lockstep/core/data';
import { expect, it } from 'vitest';
import { ChunkClient } from './chunkClient.js';

const chunk: ChunkRequest = { split: 'train', epoch: 0, ranges: [{ begin: 0, end: 1 }] };
const image = new Uint8Array(4);
const label = new Uint8Array([7]);

function client() {
  const asked: number[] = [];
  return { asked, chunks: new ChunkClient((request) => void asked.push(request)) };
}

it('gives each question its own answer, in whatever order they come', async () => {
  const { asked, chunks } = client();
  const [first, second] = [chunks.fetch(chunk), chunks.fetch(chunk)];
  expect(asked).toEqual([0, 1]);
  chunks.deliver(1, image, new Uint8Array([1]));
  chunks.deliver(0, image, label);
  expect((await first).labels).toEqual(label);
  expect((await second).labels).toEqual(new Uint8Array([1]));
});

it('lets go of what is waited for, and asks again later', async () => {
  const { chunks } = client();
  const waiting = chunks.fetch(chunk);
  chunks.letGo(new Error('another membership'));
  await expect(waiting).rejects.toThrow('another membership');
  const again = chunks.fetch(chunk);
  chunks.deliver(1, image, label);
  expect((await again).size).toBe(1);
});

it('asks nothing more once it is abandoned', async () => {
  const { asked, chunks } = client();
  const waiting = chunks.fetch(chunk);
  chunks.abandon(new Error('over'));
  await expect(waiting).rejects.toThrow('over');
  await expect(chunks.fetch(chunk)).rejects.toThrow('over');
  expect(asked).toEqual([0]);
});

it('refuses what nobody asked for', () => {
  expect(() => client().chunks.deliver(3, image, label)).toThrow(/nobody asked for/);
});
