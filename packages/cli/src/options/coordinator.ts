import { withDefault } from './flag.js';
import { address, choice, wholeNumber } from './parsers.js';
import { trainFlags } from './train.js';

/** The flags of `coordinator`: those of `train`, for workers that are started elsewhere. */
export const coordinatorFlags = {
  ...trainFlags,
  workers: withDefault(
    {
      flags: '--workers <N>',
      description: 'workers to wait for before training begins',
      default: '1',
    },
    wholeNumber(1),
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
