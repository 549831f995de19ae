import { expect, it } from 'vitest';
import { plainScenario } from './scenario/example.suite.js';
import type { Scenario } from './scenario/scenario.js';
import { simulateCluster } from './simulate.js';

/** Faults of Lockstep that the simulator has found: what happened, and where it showed. */
const found: readonly { readonly what: string; readonly scenario: Scenario }[] = [
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
];

it.each(found)('$what', async ({ scenario }) => {
  const { violation } = await simulateCluster(scenario);
  expect(violation).toBeNull();
});
