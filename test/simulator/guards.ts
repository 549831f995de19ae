/** A line of defence: what stands in a source file, and what is left when it is taken away. */
export interface Guard {
  readonly name: string;
  /** Below `packages`. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly source: string;
  readonly without: string;
  /** One of the seeds that fail; with other scenarios it is another one, which takes longer to find. */
  readonly seed: number;
}

/**
 * Not among them is what other guards make up for: who does not look at the generation of a message is still saved by
 * its step, its request, its samples, and the order in which a connection carries messages.
 */
export const guards: readonly Guard[] = [
  {
    name: 'ranks must hold the same hash',
    file: 'coordinator/src/machine/phases/boundary.ts',
    source: 'if (new Set(hashes).size > 1) return',
    without: 'if (new Set(hashes).size > hashes.length) return',
    seed: 20,
  },
  {
    name: 'a second contribution of a rank is refused',
    file: 'coordinator/src/machine/phases/training.ts',
    source: 'earlier.length > 0',
    without: 'earlier.length < 0',
    seed: 253,
  },
  {
    name: 'a contribution to another step is refused',
    file: 'coordinator/src/machine/phases/training.ts',
    source: 'first!.step !== state.cursor.step',
    without: 'first!.step < 0',
    seed: 1442,
  },
  {
    name: 'a rank counts by its samples',
    file: 'core/src/collective/average.ts',
    source: 'weight: samples / total',
    without: 'weight: 1 / parts.length',
    seed: 2,
  },
  {
    name: 'the coordinator follows ranks that have applied the steps in which another one was lost',
    file: 'coordinator/src/machine/phases/fetching.ts',
    source: 'ahead > 0 && ahead <= mostAhead(before)',
    without: 'ahead < 0',
    seed: 2960,
  },
  {
    name: 'ranks give up the step that is halted',
    file: 'worker/src/barrier.ts',
    source: 'this.#waiting?.answer.reject(new Halted());',
    without: '',
    seed: 10,
  },
  {
    name: 'every membership begins with one state for all',
    file: 'coordinator/src/machine/phases/regrouping.ts',
    source: "return [{ plan: 'link' }, { plan: 'broadcast', source: 'held' }, ...rest];",
    without: "return [{ plan: 'link' }, ...rest];",
    seed: 626,
  },
  {
    name: 'what was under way is begun again',
    file: 'coordinator/src/machine/membership.ts',
    source: 'const redo: Plan[] = doing === null ? [] : [doing];',
    without: 'const redo: Plan[] = [];',
    seed: 147,
  },
  {
    name: 'the run waits for the least number of workers',
    file: 'coordinator/src/machine/phases/regrouping.ts',
    source: 'const enough = all.length >= settings.minWorkers;',
    without: 'const enough = all.length >= 0;',
    seed: 32,
  },
  {
    name: 'a late step costs somebody the rank',
    file: 'coordinator/src/machine/deadlines.ts',
    source: ': onLateStep(state, (late) =>',
    without: ': become(state) ?? onLateStep(state, (late) =>',
    seed: 4,
  },
  {
    name: 'a worker gives a silent coordinator up',
    file: 'worker/src/watchdog.ts',
    source: 'onSilence(this.limitMs);',
    without: '',
    seed: 2,
  },
  {
    name: 'a worker comes back to its run',
    file: 'worker/src/reconnect.ts',
    source: 'if (!gone || reconnectTimeoutMs === null) throw thrown;',
    without: 'throw thrown;',
    seed: 198,
  },
  {
    name: 'a checkpoint is flushed before it has its name',
    file: 'core/src/atomicFile.ts',
    source: 'await written.sync();',
    without: '',
    seed: 198,
  },
  {
    name: 'a checkpoint has its name only when it is whole',
    file: 'core/src/atomicFile.ts',
    source: 'const temporary = join(dirname(file),',
    without: 'const temporary = file; void join(dirname(file),',
    seed: 3,
  },
  {
    name: 'a tensor of a stale message is forgotten',
    file: 'coordinator/src/machine/step.ts',
    source: 'return become(state, ...letGoOf(tensors), ...answer);',
    without: 'return become(state, ...answer);',
    seed: 298,
  },
  {
    name: 'an epoch goes on where it stood',
    file: 'worker/src/trainEpoch.ts',
    source: 'slicesOf(order.position, trainSize, batchSize)',
    without: 'slicesOf(0, trainSize, batchSize)',
    seed: 24,
  },
  {
    name: 'ranks stop where they are told to',
    file: 'worker/src/trainEpoch.ts',
    source: 'if (!proceed) break;',
    without: '',
    seed: 88,
  },
  {
    name: 'ranks report what they have kept before they wait for orders',
    file: 'worker/src/trainEpoch.ts',
    source: 'await trainer.collective.settled();',
    without: '',
    seed: 23,
  },
  {
    name: 'ranks that are stopped leave out the last step of the next report',
    file: 'coordinator/src/machine/reports.ts',
    source: 'Math.min(step + every - 1, until)',
    without: 'Math.min(step + every, until)',
    seed: 3108,
  },
  {
    name: 'a worker that is started again gives the one before it up',
    file: 'coordinator/src/machine/step.ts',
    source: 'const restarting = mayRestart(state) && !member?.leaving;',
    without: 'const restarting = false;',
    seed: 257,
  },
  {
    name: 'what ranks do not agree on while they train is not saved',
    file: 'coordinator/src/machine/phases/taking.ts',
    source: 'return new Set(hashes).size > 1 ? dropTaking(next) : write(next, taking, hash);',
    without: 'return write(next, taking, hash);',
    seed: 19,
  },
  // Found by the simulator while it was built.
  {
    name: 'a run that ends in a step forgets its gradients',
    file: 'coordinator/src/machine/phases/ending.ts',
    source: 'return become(left, ...letGoOf(state.phase));',
    without: 'return become(left);',
    seed: 92,
  },
  {
    name: 'ranks do not go on to meet when their membership is over',
    file: 'core/src/reducer/ring/neighbours.ts',
    source: "signal?.addEventListener('abort', giveUp);",
    without: '',
    seed: 712,
  },
  {
    name: 'a rank does not train weights of another step than it is told to train from',
    file: 'worker/src/session.ts',
    source: 'if (order.step !== this.#step) throw',
    without: 'if (order.step === -1) throw',
    seed: 1700,
  },
];
