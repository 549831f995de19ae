import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Admission } from './admission.js';
import { frame, frameKinds } from './frameHeader.js';
import type { FrameSink, PeerConnection } from './wire.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A connection that writes down what becomes of it. */
class Noted implements PeerConnection {
  readonly sent: number[] = [];
  isClosed = false;

  send({ kind }: { readonly kind: number }): void {
    this.sent.push(kind);
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

const sink: FrameSink = {
  place: () => null,
  received: () => undefined,
  lost: () => undefined,
};
const meeting = { channel: 'c', from: 1, to: 0 };
const hello = frame(frameKinds.hello, { slice: 1, chunk: 0, bytes: 1 });
const channel = new TextEncoder().encode('c');
const comeTo = (admission: Admission, count: number): Noted[] =>
  Array.from({ length: count }, () => {
    const connection = new Noted();
    admission.receive(connection);
    return connection;
  });

it('lets go of strangers that say nothing, after a while', () => {
  const [stranger] = comeTo(new Admission(), 1);
  vi.advanceTimersByTime(4_999);
  expect(stranger!.isClosed).toBe(false);
  vi.advanceTimersByTime(1);
  expect(stranger!.isClosed).toBe(true);
  expect(stranger!.sent).toEqual([]);
});

it('lets go of the one that waits longest where more come, and still lets in whoever is waited for', async () => {
  const admission = new Admission();
  const waiting = admission.await(meeting, sink, new AbortController().signal);
  const strangers = comeTo(admission, 200);
  expect(strangers.filter(({ isClosed }) => isClosed)).toEqual([]);
  const rank = new Noted();
  admission.receive(rank).received(hello, channel);
  expect(strangers.map(({ isClosed }) => isClosed).indexOf(false)).toBe(1);
  expect(await waiting).toBe(rank);
  // One that was let in is no stranger.
  comeTo(admission, 300);
  vi.advanceTimersByTime(60_000);
  expect(rank.isClosed).toBe(false);
});

it('counts nobody who is gone', () => {
  const admission = new Admission();
  const [first] = comeTo(admission, 1);
  for (let i = 0; i < 1_000; i++) admission.receive(new Noted()).lost();
  expect(first!.isClosed).toBe(false);
});

it('answers a stranger once, however often it says hello', () => {
  const connection = new Noted();
  const guest = new Admission().receive(connection);
  guest.received(hello, channel);
  guest.received(hello, channel);
  expect(connection.isClosed).toBe(true);
  expect(connection.sent).toEqual([frameKinds.refuse]);
});
