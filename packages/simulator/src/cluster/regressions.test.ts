import { expect, it } from 'vitest';
import { plainScenario } from './scenario/example.suite.js';
import type { Scenario } from './scenario/scenario.js';
import { simulateCluster } from './simulate.js';

/** Faults of Lockstep that the simulator has found: what happened, and where it showed. */
const found: readonly {
  readonly what: string;
  readonly scenario: Scenario;
  /** Where it matters how the run ends. */
  readonly outcomes?: readonly string[];
}[] = [
  {
    // The table of tensors kept the gradients that had come when the step was given up with the run.
    what: 'a run that ends in a step, because a rank stands still in it, forgets the gradients of the others',
    scenario: plainScenario({
      sampleMs: 50,
      faults: [{ what: 'pause', who: 1, ms: 15_000, when: { messages: 20 } }],
    }),
  },
  {
    // Their neighbours were waited for up to an hour, with a try to connect every 50 ms.
    what: 'ranks do not go on to meet for a ring when one of them was lost, and the membership is over',
    scenario: plainScenario({
      workers: 3,
      minWorkers: 2,
      allReduce: 'ring',
      faults: [{ what: 'crash', who: 1, isSilent: false, backMs: null, when: { messages: 16 } }],
    }),
  },
  {
    // A rank alone applied the step twice, and found out when its state was fetched.
    what: 'an order to train that comes twice is refused',
    scenario: plainScenario({
      workers: 1,
      minWorkers: 1,
      network: { ...plainScenario().network, duplicated: 0.3 },
    }),
  },
  {
    // It was ready again, and nobody believed or answered it, until the time for workers to join was over.
    what: 'a worker that was let go while it stood still is counted on again in time',
    scenario: plainScenario({
      place: 'here',
      workers: 3,
      minWorkers: 3,
      maxRestarts: 2,
      timeouts: { ...plainScenario().timeouts, join: 20_000, silence: 12_000 },
      faults: [{ what: 'pause', who: 0, ms: 8_000, when: { messages: 1 } }],
    }),
    outcomes: ['epochs'],
  },
  {
    // It was dropped without a word, gave the coordinator up after a while, and came back.
    what: 'a worker that asks to leave before it has a rank is let go',
    scenario: plainScenario({
      workers: 3,
      minWorkers: 2,
      faults: [{ what: 'leave', who: 1, when: { messages: 5 } }],
    }),
    outcomes: ['epochs'],
  },
  {
    // Less than it takes to be lost, and more than a trial may take: all ranks said that the ring did not work.
    what: 'a rank that stands still while the ranks try a ring costs nobody the run',
    scenario: plainScenario({
      workers: 3,
      minWorkers: 2,
      allReduce: 'ring',
      network: { ...plainScenario().network, heartbeatTimeoutMs: 20_000 },
      faults: [{ what: 'pause', who: 1, ms: 12_000, when: { messages: 16 } }],
    }),
    outcomes: ['epochs'],
  },
  {
    // Its process kept its place, and the run waited for another one until `--rejoin-timeout` ended it.
    what: 'a worker of the coordinator that stands still is killed, and started again',
    scenario: plainScenario({
      place: 'here',
      maxRestarts: 2,
      faults: [{ what: 'pause', who: 1, ms: 200_000, when: { messages: 20 } }],
    }),
    outcomes: ['epochs'],
  },
];

it.each(found)('$what', async ({ scenario, outcomes }) => {
  const result = await simulateCluster(scenario);
  expect(result.violation).toBeNull();
  if (outcomes !== undefined) expect(result.outcomes).toEqual(outcomes);
});
