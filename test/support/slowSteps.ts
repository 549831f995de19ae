import { existsSync } from 'node:fs';
import type { Callback } from '@lockstep/core/callbacks';

/** A run that lasts as long on a fast machine as on a slow one: so many steps a second, and no more. */
const stepMs = 25;

/** A user's callback: slows steps down until there is the file that SLOW_UNTIL names. */
const slowSteps: Callback = {
  name: 'SlowSteps',
  onStepEnd: () => {
    if (existsSync(process.env.SLOW_UNTIL!)) return undefined;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stepMs);
    return undefined;
  },
};
export default slowSteps;
