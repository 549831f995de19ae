import type { NetworkDescription } from '../network/description.js';
import { measure, type Row } from '../report/efficiency.js';
import type { Workload } from '../step/workload.js';

/**
 * The best known measurement of this kind: ResNet-101 on 128 hosts with 4 GPUs each and 25 Gbit/s, at 90 % of what the
 * GPUs do alone (Sergeev and Del Balso 2018, arXiv 1802.05799). Horovod's documents add that 16 of those GPUs do
 * 1,656.82 images a second at 64 images each, so that a step takes 0.62 s.
 */
export const published = { ranks: 512, ranksPerHost: 4, efficiency: 0.9 } as const;

const batch = 64;
const imagesPerSecond = 1656.82 / 16;
/** Parameters of ResNet-101 for ImageNet: 44.5 million. */
const length = 44_500_000;
/** An assumption: a third of the step is forward, and gradients come evenly over the rest, in 8 parts. */
const forwardShare = 1 / 3;
const partCount = 8;

/** What one of those GPUs did in a step. Its update is part of that, and not told apart. */
function residualNetwork(): Workload {
  const alone = batch / imagesPerSecond;
  const bound = (part: number) => Math.floor((length * (partCount - part)) / partCount);
  const parts = Array.from({ length: partCount }, (_, i) => ({
    range: { begin: bound(i + 1), end: bound(i) },
    at: alone * (forwardShare + ((1 - forwardShare) * (i + 1)) / partCount),
  }));
  return { length, alone, gradients: alone, apply: 0, parts, sharesCore: false };
}

/** The same on our network, with our code: overlapped as theirs was, and not. */
export async function simulatePublished(network: NetworkDescription): Promise<Row[]> {
  const host = { ...network.host, ranks: published.ranksPerHost };
  const scenario = {
    network: { ...network, host },
    ranks: published.ranks,
    workload: residualNetwork(),
    compression: 'none',
    steps: 1,
    seed: 1,
  } as const;
  const rows: Row[] = [];
  for (const allReduce of ['ring', 'hierarchical'] as const) {
    for (const overlaps of [false, true])
      rows.push(await measure({ ...scenario, allReduce, overlaps }));
  }
  return rows;
}
