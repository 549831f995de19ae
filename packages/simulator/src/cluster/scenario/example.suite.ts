import type { Scenario } from './scenario.js';

/** Two workers, three steps, and nothing that befalls them, but for what is given. */
export const plainScenario = (given: Partial<Scenario> = {}): Scenario => ({
  seed: 1,
  course: { seed: 1, trainSize: 12, batchSize: 4, epochs: 1 },
  testSize: 5,
  place: 'at',
  workers: 2,
  minWorkers: 2,
  maxRestarts: 0,
  allReduce: 'star',
  steps: null,
  validates: true,
  logEvery: null,
  checkpointSteps: null,
  keepLast: 3,
  timeouts: {
    join: 10_000,
    rejoin: 10_000,
    step: 5_000,
    boundary: 10_000,
    silence: 6_000,
    reconnect: 15_000,
  },
  network: {
    latencyMs: 1,
    jitterMs: 1,
    bytesPerMs: 100_000,
    heartbeatTimeoutMs: 2_000,
    readsLate: true,
    duplicated: 0,
    reordered: 0,
  },
  sampleMs: 5,
  members: Array.from({ length: given.workers ?? 2 }, () => ({ isLocal: true, comesAt: 0 })),
  faults: [],
  ...given,
});
