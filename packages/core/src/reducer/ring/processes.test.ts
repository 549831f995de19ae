import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

let scripts: string;
beforeAll(async () => {
  scripts = mkdtempSync(join(tmpdir(), 'ring-'));
  const modules = join(import.meta.dirname, '../../../../../node_modules');
  symlinkSync(modules, join(scripts, 'node_modules'), 'junction');
  for (const room of ['ring', 'peers']) {
    await build({
      entryPoints: [join(import.meta.dirname, `../${room}/index.ts`)],
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      outfile: join(scripts, `${room}.mjs`),
    });
  }
});
afterAll(() => rmSync(scripts, { recursive: true }));

/** One rank: says where it is reached, is told where the others are, and then adds up, for ever. */
const script = `
  import { createInterface } from 'node:readline';
  import { createRing } from './ring.mjs';
  import { PeerEndpoint } from './peers.mjs';
  const say = (what) => console.log(JSON.stringify(what));
  const endpoint = await PeerEndpoint.listen('tcp://127.0.0.1:0');
  say({ address: endpoint.address });
  const [line] = await new Promise((resolve) => createInterface(process.stdin).once('line', (...a) => resolve(a)));
  const { options, channel, addresses } = JSON.parse(line);
  const ring = await createRing(options, { endpoint, channel, addresses });
  try {
    for (let operation = 0; ; operation += 1) {
      ring.input().fill(options.rank + operation);
      const result = await ring.allReduce(1);
      if (operation === 20) say({ operation, element: result[0], last: result.at(-1) });
    }
  } catch ({ code, message }) {
    say({ code, message });
  }
  process.exit();
`;

interface Rank {
  readonly kill: (signal: NodeJS.Signals) => void;
  /** The next thing that it says. */
  readonly hear: () => Promise<Record<string, unknown>>;
  readonly tell: (what: object) => void;
}

function start(): Rank {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: scripts,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    kill: (signal) => void child.kill(signal),
    hear: async () => {
      const { value, done } = await lines.next();
      if (done === true) throw new Error('the rank has nothing more to say');
      return JSON.parse(value);
    },
    tell: (what) => void child.stdin.write(`${JSON.stringify(what)}\n`),
  };
}

async function startRing(worldSize: number, length: number, deadlineMs: number) {
  const ranks = Array.from({ length: worldSize }, start);
  const addresses = await Promise.all(ranks.map(async ({ hear }) => (await hear()).address));
  const channel = randomUUID();
  for (const [rank, { tell }] of ranks.entries()) {
    const options = { rank, worldSize, length, compression: 'none', deadlineMs };
    tell({ options, channel, addresses });
  }
  return ranks;
}

describe('a ring of processes', () => {
  it.each([
    ['is killed', 'SIGKILL', 1],
    ['is stopped', 'SIGSTOP', 2],
  ] as const)('ends within the deadline when one %s, naming it', async (_, signal, victim) => {
    const [worldSize, deadlineMs] = [4, 1_500];
    const ranks = await startRing(worldSize, 400_000, deadlineMs);
    for (const { hear } of ranks) {
      const sum = 20 * worldSize + (worldSize * (worldSize - 1)) / 2;
      expect(await hear()).toEqual({ operation: 20, element: sum, last: sum });
    }
    ranks[victim]!.kill(signal);
    for (const [rank, { hear }] of ranks.entries()) {
      if (rank === victim) continue;
      const { code, message } = await hear();
      expect(code).toBe('WORKER_LOST');
      expect(message).toBe(`rank ${victim} did not answer in the all-reduce within 1.5 s`);
    }
  });
});
