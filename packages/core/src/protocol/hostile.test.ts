import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode } from './codec.js';
import { defectOfDecoding } from './decoding.suite.js';
import { hostileBytes } from './hostileBytes.suite.js';
import { hostileFrames } from './hostileFrames.suite.js';
import type { Sender } from './messages.js';

const senders: Sender[] = ['worker', 'coordinator'];

describe.each(Object.entries(hostileBytes))('%s', (_name, frames) => {
  it.each(senders)('is refused from a %s', (from) => {
    expect(() => decode(frames, from)).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }),
    );
    expect(defectOfDecoding(frames, from)).toBeNull();
  });
});

describe('whatever comes', () => {
  it.each(senders)(
    'from a %s is a message or a violation, and nothing after it differs',
    (from) => {
      let believed = 0;
      fc.assert(
        fc.property(hostileFrames(from), (frames) => {
          expect(defectOfDecoding(frames, from)).toBeNull();
          if (isBelieved(frames, from)) believed += 1;
        }),
        { numRuns: 5_000 },
      );
      // Otherwise nothing but the outermost check would have been tried.
      expect(believed).toBeGreaterThan(100);
    },
  );
});

function isBelieved(frames: Uint8Array[], from: Sender): boolean {
  try {
    decode(frames, from);
    return true;
  } catch {
    return false;
  }
}
