import type { Member } from '../machine/state.js';
import { type StepTimes, stepPhases } from './stepTimes.js';

/**
 * An event of Chrome's trace format (Duca and Sinclair 2016, "Trace Event Format"), which Perfetto and
 * chrome://tracing show: `X` has a beginning `ts` and a duration `dur` in microseconds, `M` names a row.
 */
export interface TraceEvent {
  readonly name: string;
  readonly ph: 'X' | 'M';
  /** The run. */
  readonly pid: number;
  /** The rank. */
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly args: Readonly<Record<string, string | number>>;
}

/** There is one run in a file. */
const pid = 1;

const names = {
  load: 'load',
  compute: 'forward + backward',
  wait: 'wait',
  reduce: 'reduce',
  barrier: 'barrier',
  apply: 'apply',
} as const;

/** The names of the rows: of the run, and of the rank of each member. */
export function rowNames(
  run: string,
  members: readonly Pick<Member, 'rank' | 'host' | 'pid'>[],
): TraceEvent[] {
  return [
    { name: 'process_name', ph: 'M', pid, tid: 0, args: { name: run } },
    ...members.flatMap(({ rank, host, pid: process }): TraceEvent[] => [
      {
        name: 'thread_name',
        ph: 'M',
        pid,
        tid: rank,
        args: { name: `rank ${rank} (${host}, pid ${process})` },
      },
      { name: 'thread_sort_index', ph: 'M', pid, tid: rank, args: { sort_index: rank } },
    ]),
  ];
}

/**
 * One rank's step, phase after phase; phases that took no time are left out. `wait` is drawn before `reduce`,
 * in one piece each, though they alternate: their lengths are true, their places within both are not.
 */
export function stepEvents(rank: number, step: number, times: StepTimes): TraceEvent[] {
  const events: TraceEvent[] = [];
  let ts = times.begin;
  for (const phase of stepPhases) {
    const dur = times[phase];
    if (dur > 0) {
      events.push({ name: names[phase], ph: 'X', pid, tid: rank, ts, dur, args: { step } });
    }
    ts += dur;
  }
  return events;
}
