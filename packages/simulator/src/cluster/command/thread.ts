import { parentPort } from 'node:worker_threads';
import { simulateSeed } from '../simulate.js';
import type { Done, Task } from './messages.js';

/** One thread of many: time, timers and all that is global are its own. */
parentPort?.on('message', async ({ first, count }: Task) => {
  const outcomes: Record<string, number> = {};
  const failed: Done['failed'][number][] = [];
  let events = 0;
  for (let seed = first; seed < first + count; seed++) {
    const result = await simulateSeed(seed);
    const how = result.outcomes.join(', then ');
    outcomes[how] = (outcomes[how] ?? 0) + 1;
    events += result.events;
    if (result.violation !== null) failed.push(result);
  }
  parentPort?.postMessage({ events, outcomes, failed } satisfies Done);
});
