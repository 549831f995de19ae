import { type Parser, withDefault } from './flag.js';
import { refuse, seconds, wholeNumber } from './parsers.js';

/** With how many workers a run begins, and with how many it goes on. */
export interface WorkerRange {
  readonly min: number;
  readonly max: number;
}

/** `N`, or `MIN:MAX`, as torchrun's `--nnodes` has it. */
export function workerRange(least: number): Parser<WorkerRange> {
  const one = wholeNumber(least);
  const several = wholeNumber(1);
  return (text, name) => {
    if (!text.includes(':')) {
      const count = one(text, name);
      return { min: count, max: count };
    }
    const [min = '', max = '', ...more] = text.split(':');
    const range = { min: several(min, name), max: several(max, name) };
    if (more.length > 0 || range.min > range.max) {
      refuse(name, text, 'MIN:MAX with MIN no larger than MAX');
    }
    return range;
  };
}

/** Who comes and goes while a run trains. */
export const membershipFlags = {
  maxRestarts: withDefault(
    {
      flags: '--max-restarts <N>',
      description: 'how often local workers that ended are started again, all of them together',
      default: '0',
    },
    wholeNumber(0),
  ),
  rejoinTimeoutMs: withDefault(
    {
      flags: '--rejoin-timeout <SECONDS>',
      description: 'how long to wait for others when fewer than MIN workers are left',
      default: '60',
    },
    seconds,
  ),
};
