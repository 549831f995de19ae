import type { FSWatcher } from 'node:fs';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { mostReported } from '@lockstep/core/protocol';
import type { FaultProxy, Passing, Side, When } from '../support/proxy/proxy.js';
import { stepsPerEpoch } from '../support/smallRun.js';

/** A moment of the protocol at which a process can be killed. */
export interface Point {
  readonly name: string;
  readonly from: Side;
  readonly kind: When['kind'];
  /** Which step of an epoch, where there is one in each. */
  readonly step?: number;
  /** Only where an epoch has ended: for its checkpoint. */
  readonly closing?: true;
}

/** In the order in which a run comes to them. */
export const points: readonly Point[] = [
  { name: 'hello', from: 'worker', kind: 'hello' },
  { name: 'welcome', from: 'coordinator', kind: 'welcome' },
  { name: 'ready', from: 'worker', kind: 'ready' },
  { name: 'assign', from: 'coordinator', kind: 'assign' },
  { name: 'link', from: 'coordinator', kind: 'link' },
  { name: 'linked', from: 'worker', kind: 'linked' },
  { name: 'load-state', from: 'coordinator', kind: 'load-state' },
  { name: 'hash', from: 'worker', kind: 'hash' },
  { name: 'train', from: 'coordinator', kind: 'train' },
  { name: 'data-request', from: 'worker', kind: 'data-request' },
  { name: 'data-chunk', from: 'coordinator', kind: 'data-chunk' },
  { name: 'first contribution', from: 'worker', kind: 'contribution', step: 0 },
  { name: 'middle contribution', from: 'worker', kind: 'contribution', step: stepsPerEpoch / 2 },
  { name: 'last contribution', from: 'worker', kind: 'contribution', step: stepsPerEpoch - 1 },
  { name: 'averaged', from: 'coordinator', kind: 'averaged', step: stepsPerEpoch / 2 },
  { name: 'evaluate', from: 'coordinator', kind: 'evaluate' },
  { name: 'evaluated', from: 'worker', kind: 'evaluated' },
  { name: 'send-state', from: 'coordinator', kind: 'send-state', closing: true },
  { name: 'state', from: 'worker', kind: 'state', closing: true },
];

/** With what a test of it is called. */
export const named = <Case extends { readonly passes: string; readonly name: string }>(
  cases: readonly Case[],
): (readonly [string, Case])[] => cases.map((each) => [`${each.passes} ${each.name}`, each]);

/** The message of a point; of a worker that `isMeant`. */
export function whenOf(
  point: Point,
  proxy: FaultProxy,
  isMeant: (passing: Passing) => boolean = () => true,
): When {
  let applied = -1;
  proxy.watch(({ header }) => {
    if (header.kind === 'averaged') applied = header.step;
  });
  return {
    from: point.from,
    kind: point.kind,
    where: (passing) => {
      if (point.closing && applied % stepsPerEpoch !== stepsPerEpoch - 1) return false;
      return (point.step === undefined || isAbout(passing, point.step)) && isMeant(passing);
    },
  };
}

/** Whether it is about this step of an epoch: of several steps, where they are reported at once. */
function isAbout({ header }: Passing, stepOfEpoch: number): boolean {
  if (!('step' in header)) return false;
  const last = header.step % stepsPerEpoch;
  // Reports do not go beyond an epoch.
  const most = header.kind === 'averaged' ? mostReported : 1;
  const steps = header.kind === 'contribution' ? 1 + (header.before?.length ?? 0) : most;
  return last - steps < stepOfEpoch && stepOfEpoch <= last;
}

/**
 * Resolves while a checkpoint is being written, which no message tells: when its temporary file is there, or when it
 * has its name.
 */
export function saving(run: string, passes: 'before' | 'after', act: () => void): Promise<void> {
  const suffix = passes === 'before' ? '.tmp' : '.ckpt';
  return new Promise((resolve) => {
    const watcher: FSWatcher = watch(join(run, 'checkpoints'), (_event, name) => {
      if (!name?.endsWith(suffix)) return;
      watcher.close();
      act();
      resolve();
    });
  });
}
