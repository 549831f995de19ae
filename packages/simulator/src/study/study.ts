import type { Compression } from '@lockstep/core';
import type { Algorithm } from '../collective/algorithm.js';
import { parseRanks } from '../command/ranks.js';
import type { NetworkDescription } from '../network/description.js';
import { readNetwork } from '../network/read.js';
import { measure, type Row } from '../report/efficiency.js';
import type { Scenario } from '../step/scenario.js';
import { readMeasured, type Workload, workloadOf } from '../step/workload.js';

import { simulatePublished } from './published.js';

/** What docs/scaling.md is about. */
export const studied = {
  network: '25gbit',
  model: 'deep',
  batch: 50,
  ranksPerHost: 8,
  /** Of a device, beside the core that was measured: an assumption. */
  speed: 20,
} as const;

/** One way to train, at all numbers of ranks. */
export interface Curve {
  readonly name: string;
  readonly rows: readonly Row[];
}

export interface Study {
  readonly network: NetworkDescription;
  readonly core: Workload;
  readonly device: Workload;
  /** Whole steps. */
  readonly efficiency: {
    readonly core: Curve;
    readonly coreOverlapped: Curve;
    readonly hierarchyOverlapped: Curve;
    readonly device: Curve;
    readonly deviceOverlapped: Curve;
  };
  /** What is exchanged in the same steps, on cores, one way and another. */
  readonly algorithms: readonly Curve[];
  /** Beside what others have measured. */
  readonly published: readonly Row[];
}

interface Way {
  readonly workload: Workload;
  readonly allReduce: Algorithm;
  readonly compression?: Compression;
  readonly overlaps?: boolean;
  readonly ranksPerHost?: number;
}

/** @param onRow is told of each as it comes: the largest take a while */
export async function runStudy(
  mostRanks: number,
  onRow: (name: string, row: Row) => void,
): Promise<Study> {
  const network = readNetwork(studied.network);
  const core = workloadOf(readMeasured(), { ...studied, speed: null });
  const device = workloadOf(readMeasured(), studied);
  const { ranksPerHost } = studied;
  const curve = async (name: string, way: Way): Promise<Curve> => {
    const rows: Row[] = [];
    for (const ranks of parseRanks(`1..${mostRanks}`)) {
      const row = await measure(scenarioOf(network, ranks, way));
      onRow(name, row);
      rows.push(row);
    }
    return { name, rows };
  };
  const ring = await curve('ring', { workload: core, allReduce: 'ring' });
  return {
    network,
    core,
    device,
    efficiency: {
      core: ring,
      coreOverlapped: await curve('ring, overlapped', {
        workload: core,
        allReduce: 'ring',
        overlaps: true,
      }),
      hierarchyOverlapped: await curve(`hierarchical, ${ranksPerHost} a host, overlapped`, {
        workload: core,
        allReduce: 'hierarchical',
        overlaps: true,
        ranksPerHost,
      }),
      device: await curve('ring, device', { workload: device, allReduce: 'ring' }),
      deviceOverlapped: await curve('ring, device, overlapped', {
        workload: device,
        allReduce: 'ring',
        overlaps: true,
      }),
    },
    algorithms: [
      await curve('star', { workload: core, allReduce: 'star' }),
      ring,
      await curve('ring, bfloat16', { workload: core, allReduce: 'ring', compression: 'bfloat16' }),
      await curve(`ring, ${ranksPerHost} a host`, {
        workload: core,
        allReduce: 'ring',
        ranksPerHost,
      }),
      await curve(`hierarchical, ${ranksPerHost} a host`, {
        workload: core,
        allReduce: 'hierarchical',
        ranksPerHost,
      }),
      await curve('halving-doubling', { workload: core, allReduce: 'halving-doubling' }),
    ],
    published: await simulatePublished(network),
  };
}

function scenarioOf(network: NetworkDescription, ranks: number, way: Way): Scenario {
  const { workload, allReduce, compression = 'none', overlaps = false, ranksPerHost = 1 } = way;
  const hosts = { ...network, host: { ...network.host, ranks: ranksPerHost } };
  return { network: hosts, ranks, workload, allReduce, compression, overlaps, steps: 1, seed: 1 };
}
