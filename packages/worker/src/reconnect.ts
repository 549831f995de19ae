import { LockstepError } from '@lockstep/core';
import type { Farewell, Session } from './session.js';

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
  /** Its user wants it back: then it waits for nobody. */
  readonly isLeaving: () => boolean;
  readonly log: (line: string) => void;
}

/**
 * A worker's sessions, one after another: when a coordinator that had welcomed it is gone, it waits for the same run to
 * come back at the same address. What it had trained since the last checkpoint is trained again.
 *
 * @throws LockstepError of the last session; COORDINATOR_UNREACHABLE when the coordinator did not come back
 */
export async function runSessions(options: Reconnecting): Promise<Farewell> {
  const { begin, reconnectTimeoutMs, isLeaving, log } = options;
  let { run, connectTimeoutMs } = options;
  for (;;) {
    const session = await begin(run, connectTimeoutMs);
    try {
      return await session.run();
    } catch (thrown) {
      const mayComeBack = reconnectTimeoutMs !== null && session.welcomedTo !== null;
      if (!mayComeBack || isLeaving() || !isGone(thrown)) throw thrown;
      log(`${thrown.message}; waiting up to ${reconnectTimeoutMs / 1000} s for it to come back`);
      run = session.welcomedTo;
      connectTimeoutMs = reconnectTimeoutMs;
    }
  }
}

const isGone = (thrown: unknown): thrown is LockstepError =>
  thrown instanceof LockstepError && thrown.code === 'COORDINATOR_UNREACHABLE';
