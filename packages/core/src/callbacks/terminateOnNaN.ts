import type { Logs } from '../metrics/index.js';
import type { Callback } from './callback.js';
import type { Verdict } from './verdict.js';

/**
 * Fails the run at the first step whose loss is NaN or infinite, before such weights are saved as good.
 * https://keras.io/api/callbacks/terminate_on_nan/
 */
export class TerminateOnNaN implements Callback {
  readonly name = 'TerminateOnNaN';

  onStepEnd(step: number, logs: Logs): Verdict | undefined {
    if (logs.loss === undefined || Number.isFinite(logs.loss)) return undefined;
    return { fail: { message: `Step ${step}: Invalid loss, terminating training` } };
  }
}
