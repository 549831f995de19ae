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
  let { run, connectTimeoutMs } = options;
  /** Of a coordinator that had welcomed it: until when it may come back. */
  let deadline = Number.NEGATIVE_INFINITY;
  for (;;) {
    const session = await begin(run, connectTimeoutMs);
    try {
      return await session.run();
    } catch (thrown) {
      if (is('CLUSTER_FULL', thrown) && performance.now() < deadline) {
        // Its own place is taken by itself: a coordinator that stood still counts on the session before this one.
        await sleep(pauseMs);
        continue;
      }
      const gone = is('COORDINATOR_UNREACHABLE', thrown);
      if (!gone || reconnectTimeoutMs === null || session.welcomedTo === null) throw thrown;
      log(`${thrown.message}; waiting up to ${reconnectTimeoutMs / 1000} s for it to come back`);
      run = session.welcomedTo;
      connectTimeoutMs = reconnectTimeoutMs;
      deadline = performance.now() + reconnectTimeoutMs;
    }
  }
}

const is = (code: ErrorCode, thrown: unknown): thrown is LockstepError =>
  thrown instanceof LockstepError && thrown.code === code;
