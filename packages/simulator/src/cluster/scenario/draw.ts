import { Random } from '@lockstep/core/data';
import { largestBatch } from '../ledger/course.js';
import type { Conditions } from '../network/conditions.js';
import { Dice } from './dice.js';
import { drawFaults } from './drawFaults.js';
import type { Scenario, Timeouts } from './scenario.js';

/** What kind of a run a seed brings: one kind of trouble at a time is easier to understand than all of them. */
const kinds = [
  'quiet',
  'crashes',
  'network',
  'disk',
  'membership',
  'hostile',
  'memory',
  'all',
] as const;
export type Kind = (typeof kinds)[number];
const kindWeights = [1, 5, 4, 2, 3, 2, 1, 4];

/** The scenario of a seed, always the same. */
export function drawScenario(seed: number): Scenario {
  const dice = new Dice(Random.from('cluster', seed));
  const kind = dice.weighted(kinds, kindWeights);
  const workers = kind === 'memory' ? dice.between(2, 5) : dice.between(1, 5);
  const isElastic = kind !== 'memory' && dice.chance(0.75);
  const place = dice.chance(0.5) ? 'here' : 'at';
  const timeouts = drawTimeouts(dice);
  const batchSize = dice.between(1, largestBatch);
  const trainSize = dice.between(4, 40);
  const epochs = dice.between(1, 3);
  const allSteps = epochs * Math.ceil(trainSize / batchSize);
  const network = drawNetwork(dice, kind);
  const around = {
    seed,
    course: { seed: dice.below(2 ** 31), trainSize, batchSize, epochs },
    testSize: dice.between(1, 9),
    place,
    workers,
    minWorkers: isElastic ? dice.between(1, workers) : workers,
    maxRestarts: isElastic ? dice.between(0, 4) : 0,
    allReduce: dice.chance(0.45) ? 'ring' : 'star',
    steps: dice.chance(0.15) ? dice.between(1, allSteps) : null,
    validates: dice.chance(0.5),
    logEvery: dice.chance(0.2) ? dice.between(1, 4) : null,
    checkpointSteps: dice.chance(0.5) ? dice.between(1, 6) : null,
    keepLast: dice.between(1, 3),
    timeouts,
    network,
    sampleMs: dice.pick([0, 1, 5, 20]),
    reports: drawReports(new Dice(Random.from('reports', seed))),
    members: Array.from({ length: workers }, () => ({
      isLocal: dice.chance(0.5),
      comesAt: kind === 'membership' && dice.chance(0.3) ? dice.below(20_000) : dice.below(1_000),
    })),
  } as const;
  return { ...around, faults: drawFaults(dice, kind, around) };
}

function drawTimeouts(dice: Dice): Timeouts {
  const step = dice.pick([2_000, 5_000, 10_000]);
  return {
    step,
    join: dice.pick([5_000, 10_000, 20_000]),
    rejoin: dice.pick([3_000, 10_000, 20_000]),
    boundary: dice.pick([10_000, 30_000]),
    silence: dice.pick([6_000, 12_000]),
    reconnect: dice.pick([15_000, 40_000]),
  };
}

const drawReports = (dice: Dice): Scenario['reports'] => ({
  everyMs: dice.pick([0, 100, 1_000]),
  after: dice.between(1, 3),
});

function drawNetwork(dice: Dice, kind: Kind): Conditions {
  const isHostile = kind === 'hostile';
  return {
    latencyMs: dice.pick([0.05, 0.5, 5, 20]),
    jitterMs: dice.pick([0.1, 2, 30]),
    bytesPerMs: dice.pick([100, 1_000, 100_000]),
    heartbeatTimeoutMs: dice.pick([1_000, 3_000, 5_000]),
    readsLate: dice.chance(0.5),
    duplicated: isHostile ? dice.pick([0, 0.01, 0.05]) : 0,
    reordered: isHostile ? dice.pick([0, 0.01, 0.05]) : 0,
  };
}
