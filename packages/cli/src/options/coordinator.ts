import { withDefault } from './flag.js';
import { workerRange } from './membership.js';
import { address, choice } from './parsers.js';
import { trainFlags } from './train.js';

/** The flags of `coordinator`: those of `train`, for workers that are started elsewhere. */
export const coordinatorFlags = {
  ...trainFlags,
  workers: withDefault(
    {
      flags: '--workers <N>',
      description:
        'workers to wait for before training begins; MIN:MAX: MIN are enough, and others may come and go',
      default: '1',
    },
    workerRange(1),
  ),
  listen: withDefault(
    {
      flags: '--listen <ADDRESS>',
      description: 'tcp://HOST:PORT to listen on; port 0 picks a free one',
      default: 'tcp://127.0.0.1:0',
    },
    address,
  ),
  fallback: withDefault(
    {
      flags: '--fallback <WHAT>',
      description: 'when no worker joins in time: alone (train in one worker), fail',
      default: 'alone',
    },
    choice(['alone', 'fail'] as const),
  ),
};
