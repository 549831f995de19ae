import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface ProcessGroup {
  readonly child: ChildProcess;
  /** Ends the program and all that it started: `python3` may be a script that starts the real one. */
  readonly kill: () => void;
  /** To be called when the child has ended. */
  readonly release: () => void;
}

/**
 * Starts a program in a process group of its own. A terminal's Ctrl-C does not reach that, so that the
 * signals which end this process end the group first.
 */
export function spawnGroup(
  command: string,
  words: readonly string[],
  options: SpawnOptions,
): ProcessGroup {
  const child = spawn(command, words, { ...options, detached: true });
  const kill = (): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
    // What left the group would keep the pipe open.
    child.stderr?.destroy();
  };
  const handlers = signals.map((signal) => {
    const handler = (): void => {
      kill();
      release();
      // Nobody else wants to know: then the signal does what it does without a handler.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    };
    process.on(signal, handler);
    return { signal, handler };
  });
  process.once('exit', kill);
  const release = (): void => {
    for (const { signal, handler } of handlers) process.removeListener(signal, handler);
    process.removeListener('exit', kill);
  };
  return { child, kill, release };
}
