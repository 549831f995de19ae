import { makeWorld } from '../collective/world.js';
import type { Observer } from '../network/endpoint.js';
import { Network } from '../network/network.js';
import { VirtualTime } from '../time/virtualTime.js';
import { outcomeOf } from './outcome.js';
import type { Scenario, StepTime } from './scenario.js';
import { type Moments, Training } from './training.js';

/** What was simulated, and what it took to do so. */
export interface Simulated extends StepTime {
  readonly events: number;
  readonly messages: number;
}

/** Trains some steps on a virtual network, in virtual time. */
export async function simulate(scenario: Scenario, observer?: Observer): Promise<Simulated> {
  const { ranks, seed, steps, workload, overlaps } = scenario;
  const clock = new VirtualTime();
  const watched = observer === undefined ? {} : { observer };
  const network = new Network(clock, scenario.network, { ranks, seed, ...watched });
  const world = await makeWorld(network, { ...scenario, length: workload.length, isReal: false });
  const programs = world.ranks.map(async (rank) => {
    const training = new Training(clock, rank, workload);
    const moments: Moments[] = [];
    await training.start();
    for (let step = 1; step <= steps; step++) {
      const train = overlaps ? training.overlappedStep(step) : training.step(step);
      moments.push(await train);
    }
    return moments;
  });
  const [moments] = await outcomeOf(clock, programs);
  const mean = (of: (moments: Moments) => number) =>
    moments!.reduce((sum, each) => sum + of(each), 0) / steps;
  const { completions } = world.hub;
  return {
    whole: (completions[steps]! - completions[0]!) / steps,
    reduce: mean(({ computed, reduced }) => reduced - computed),
    barrier: mean(({ reduced, released }) => released - reduced),
    events: clock.events,
    messages: network.messages,
  };
}
