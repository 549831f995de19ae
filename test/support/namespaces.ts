import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { afterAll } from 'vitest';

type Kind = 'mount' | 'net' | 'uts' | 'ipc';

const unshare = (kinds: readonly Kind[]): string[] => [
  'unshare',
  ...kinds.map((kind) => `--${kind}`),
  ...(kinds.includes('mount') ? ['--propagation', 'private'] : []),
];

/** Whether this user may have namespaces of these kinds, and a script of the shell works in them. */
export function canUnshare(kinds: readonly Kind[], script = 'true'): boolean {
  const [command, ...rest] = [...unshare(kinds), 'sh', '-c', script];
  return process.platform === 'linux' && spawnSync(command!, rest).status === 0;
}

const holders = new Set<ChildProcess>();
afterAll(() => {
  for (const holder of holders) holder.kill('SIGKILL');
});

/** Namespaces of their own; they go with the test file, and with this process, however it ends. */
export interface Namespaces {
  readonly pid: number;
  /** Before a command that is to run in them. */
  readonly under: readonly string[];
  /** Runs a script of the shell in them. @returns whether it succeeded */
  readonly run: (script: string, ...args: string[]) => boolean;
}

/** @param script is run first, with these as $0, $1, ... */
export async function ownNamespaces(
  kinds: readonly Kind[],
  script: string,
  ...args: string[]
): Promise<Namespaces> {
  // A process holds them as long as its input is open.
  const [command, ...rest] = unshare(kinds);
  const holding = `${script} && echo ready && exec cat`;
  const holder = spawn(command!, [...rest, 'sh', '-c', holding, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  holders.add(holder);
  await once(holder.stdout, 'data');
  const pid = holder.pid!;
  const under = [
    ...['nsenter', `--target=${pid}`, ...kinds.map((kind) => `--${kind}`)],
    `--wd=${process.cwd()}`,
  ];
  const run = (then: string, ...given: string[]): boolean => {
    const [enter, ...inside] = [...under, 'sh', '-c', then, ...given];
    return spawnSync(enter!, inside).status === 0;
  };
  return { pid, under, run };
}
