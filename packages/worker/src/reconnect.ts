import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorCode, LockstepError } from '@lockstep/core';
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
/** Between two tries where the coordinator has not noticed yet that the former session is over. */
const pauseMs = 500;

/**
 * A worker's sessions, one after another: when a coordinator that had welcomed it is gone, it waits for the same run to
 * come back at the same address, and offers what it holds of it.
 *
 * @throws LockstepError of the last session; COORDINATOR_UNREACHABLE when the coordinator did not come back
 */
export async function runSessions(options: Reconnecting): Promise<Farewell> {
  const { begin, reconnectTimeoutMs, isLeaving, log } = options;
  let { run, connectTimeoutMs: limitMs } = options;
  let begun = performance.now();
  let former: Former | null = null;
  /** Whether the coordinator may still count on a session before this one. */
  let hadOthers = false;
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
          // Its place is taken by itself.
          const mayPass = hadOthers && is('CLUSTER_FULL', thrown) && leftMs() > 0;
          if (!mayPass) throw thrown;
          await sleep(pauseMs);
        }
        hadOthers = true;
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
