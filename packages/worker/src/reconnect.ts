import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorCode, LockstepError, toLockstepError } from '@lockstep/core';
import type { Former } from './progress.js';
import type { Farewell, Session } from './session.js';

export interface Reconnecting {
  /**
   * @param run the one to go on with; null: whichever there is
   * @param connectTimeoutMs how long its coordinator may take to answer
   * @param former what the session before has left
   */
  readonly begin: (
    run: string | null,
    connectTimeoutMs: number,
    former: Former | null,
  ) => Promise<Session>;
  readonly run: string | null;
  readonly connectTimeoutMs: number;
  /** How long a coordinator that is gone may take to come back; null: it is not waited for. */
  readonly reconnectTimeoutMs: number | null;
  /** Its user wants it back: then it waits for nobody. */
  readonly isLeaving: () => boolean;
  readonly log: (line: string) => void;
}

/** A first word that has no answer by then was lost with its connection: it is said again, on another one. */
const answerMs = 5_000;
/** Between two tries where all places are taken. */
const pauseMs = 500;

/**
 * A worker's sessions, one after another: when a coordinator that had welcomed it is gone, it waits for the same run to
 * come back at the same address, and offers what it holds of it; where all places are taken, maybe by its own former
 * session or by a killed worker that it shall replace, it waits for one to become free.
 *
 * @throws LockstepError of the last session; COORDINATOR_UNREACHABLE when the coordinator did not come back
 */
export async function runSessions(options: Reconnecting): Promise<Farewell> {
  const { begin, reconnectTimeoutMs, isLeaving, log } = options;
  let { run, connectTimeoutMs: limitMs } = options;
  let begun = performance.now();
  let former: Former | null = null;
  let isWaiting = false;
  try {
    for (;;) {
      if (isLeaving()) throw new LockstepError('WORKER_LOST', 'left the run');
      const leftMs = (): number => begun + limitMs - performance.now();
      const session: Session = await begin(run, Math.min(answerMs, leftMs()), former);
      try {
        return await session.run();
      } catch (thrown) {
        if (isLeaving()) throw thrown;
        const gone = is('COORDINATOR_UNREACHABLE', thrown);
        if (session.welcomedTo !== null) {
          if (!gone || reconnectTimeoutMs === null) throw thrown;
          log(
            `${thrown.message}; waiting up to ${reconnectTimeoutMs / 1000} s for it to come back`,
          );
          run = session.welcomedTo;
          limitMs = reconnectTimeoutMs;
          begun = performance.now();
        } else if (gone) {
          if (leftMs() <= 0) throw unanswered(thrown, limitMs);
        } else {
          if (!session.mayPass || leftMs() <= 0) throw thrown;
          const { message } = toLockstepError(thrown);
          if (!isWaiting) log(`${message}; waiting up to ${limitMs / 1000} s for a place`);
          isWaiting = true;
          await sleep(pauseMs);
        }
      } finally {
        former = session.former;
      }
    }
  } finally {
    former?.model.dispose();
  }
}

const is = (code: ErrorCode, thrown: unknown): thrown is LockstepError =>
  thrown instanceof LockstepError && thrown.code === code;

const unanswered = ({ code, hint }: LockstepError, limitMs: number): LockstepError =>
  new LockstepError(
    code,
    `no coordinator answered within ${limitMs / 1000} s`,
    hint === undefined ? {} : { hint },
  );
