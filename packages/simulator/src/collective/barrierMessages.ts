import { encode } from '@lockstep/core/protocol';

const scope = { run: '20260101-000000-abcdef', generation: 1 };

/** Bytes of a contribution without its gradient, as it crosses the wire: about the same for all steps. */
export function contributionBytes(samples: number): number {
  const metrics = {
    loss: { sum: samples / 3, count: samples },
    accuracy: { sum: 1, count: samples },
  };
  return bytesOf(encode({ kind: 'contribution', ...scope, step: 70_000, samples, metrics }));
}

/** Bytes of the coordinator's word to go on. */
export function averagedBytes(): number {
  const sums = { sum: 1_234.5, count: 50_000 };
  const epochSums = { loss: sums, accuracy: sums };
  return bytesOf(encode({ kind: 'averaged', ...scope, step: 70_000, proceed: true, epochSums }));
}

const bytesOf = (frames: readonly Uint8Array[]): number =>
  frames.reduce((sum, { byteLength }) => sum + byteLength, 0);
