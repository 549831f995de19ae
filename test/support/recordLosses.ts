import { appendFileSync } from 'node:fs';
import type { Callback } from '@lockstep/core/callbacks';

/** A user's callback: writes each step's loss to the file that LOSSES names, one a line. */
const callback: Callback = {
  name: 'RecordLosses',
  onStepEnd(_step, logs) {
    appendFileSync(process.env.LOSSES!, `${logs.loss}\n`);
    return undefined;
  },
};

export default callback;
