import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorCode, LockstepError } from '@lockstep/core';
import type { Farewell, Session } from '@lockstep/worker';

export interface Reconnecting {
  /**
   * @param run the one to go on with; null: whichever there is
   * @param connectTimeoutMs how long its coordinator may take to answer
   */
  readonly begin: (run: string | null, connectTimeoutMs: number) => Promise<Session>;
  readonly run: string | null;
  readonly connectTimeoutMs: number;
  /** How long a coordinator that is gone may take to come back; null: it is not waited for. */
  readonly reconnectTimeoutMs: number | null;
  readonly log: (line: string) => void;
}

/** A first word that has no answer by then was lost with its connection: it is said again, on another one. */
const answerMs = 5_000;
/** Between two tries where the coordinator has not noticed yet that the former session is over. */
const pauseMs = 500;

/**
 * A worker's sessions, one after another: when a coordinator that had welcomed it is gone, it waits for the same run to
 * come back at the same address. What it had trained since the last checkpoint is trained again.
 *
 * @throws LockstepError of the last session; COORDINATOR_UNREACHABLE when the coordinator did not come back
 */
export async function runSessions(options: Reconnecting): Promise<Farewell> {
  const { begin, reconnectTimeoutMs, log } = options;
  let { run, connectTimeoutMs: limitMs } = options;
  let begun = performance.now();
  /** Whether the coordinator may still count on a session before this one. */
  let hadOthers = false;
  for (;;) {
    const leftMs = (): number => begun + limitMs - performance.now();
    const session = await begin(run, Math.min(answerMs, leftMs()));
    try {
      return await session.run();
    } catch (thrown) {
      const gone = is('COORDINATOR_UNREACHABLE', thrown);
      if (session.welcomedTo !== null) {
        if (!gone || reconnectTimeoutMs === null) throw thrown;
        log(`${thrown.message}; waiting up to ${reconnectTimeoutMs / 1000} s for it to come back`);
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
    }
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
