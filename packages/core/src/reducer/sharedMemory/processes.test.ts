import { type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

let scripts: string;
beforeAll(async () => {
  scripts = mkdtempSync(join(tmpdir(), 'shared-memory-'));
  const modules = join(import.meta.dirname, '../../../../../node_modules');
  symlinkSync(modules, join(scripts, 'node_modules'), 'junction');
  await build({
    entryPoints: [join(import.meta.dirname, 'sharedMemory.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    outfile: join(scripts, 'sharedMemory.mjs'),
  });
});
afterAll(() => rmSync(scripts, { recursive: true }));

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'segments-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

/** Runs a script that has `createSharedMemory` and `given`; its output is JSON, errors included. */
function start(script: string, given: object, { prefix = [] as readonly string[] } = {}) {
  const whole = `
    import { createSharedMemory } from './sharedMemory.mjs';
    const given = JSON.parse(process.argv[1]);
    const say = (what) => console.log(JSON.stringify(what));
    try { ${script} } catch ({ code, message }) { say({ code, message }); }
  `;
  const words = [process.execPath, '--input-type=module', '--eval', whole, JSON.stringify(given)];
  const [program, ...rest] = [...prefix, ...words];
  const options: SpawnOptions = { cwd: scripts, stdio: ['pipe', 'pipe', 'inherit'] };
  const child = spawn(program!, rest, options);
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = Promise.all([text(child.stdout!), once(child, 'exit')]);
  return {
    child,
    heard: once(child.stdout!, 'data'),
    /** The last thing that it said, once it has ended by itself. */
    said: async () => {
      const [output, [code, signal]] = await ended;
      expect({ code, signal }).toEqual({ code: 0, signal: null });
      return JSON.parse(output.trim().split('\n').at(-1)!);
    },
  };
}

interface World {
  readonly worldSize: number;
  readonly length: number;
  readonly deadlineMs: number;
}

/** A process for each rank, which meet in a folder of their own when all of them have started. */
async function startRanks(script: string, world: World) {
  const folders = [folder()];
  const options = { ...world, compression: 'none' };
  const segment = randomUUID();
  const ranks = Array.from({ length: world.worldSize }, (_, rank) =>
    start(
      `const { rank, length, worldSize } = given.options;
       say('started');
       await new Promise((resolve) => process.stdin.once('data', resolve));
       process.stdin.destroy();
       const reducer = await createSharedMemory(given.options, given.place);
       ${script}
       await reducer.close();`,
      { options: { ...options, rank }, place: { segment, folders } },
    ),
  );
  await Promise.all(ranks.map(({ heard }) => heard));
  for (const { child } of ranks) child.stdin!.write('go');
  return { ranks, folder: folders[0]! };
}

describe('ranks in processes of their own', () => {
  it('see all that others wrote before they said so, whichever processor they run on', async () => {
    const { ranks } = await startRanks(
      `const valueOf = (step, rank, i) => (step * 7 + rank * 31 + i) % 1000;
       const check = (got, step, i, expected) => {
         if (got !== expected) throw new Error(\`step \${step}, element \${i}: \${got}, not \${expected}\`);
       };
       for (let step = 0; step < 3000; step += 1) {
         const input = reducer.input();
         for (let i = 0; i < length; i += 1) input[i] = valueOf(step, rank, i);
         for (let late = (step * 131 + rank * 977) % 5000; late > 0; late -= 1) Math.sin(late);
         const kind = ['allReduce', 'reduceScatter', 'allGather', 'meet'][(step * 17) % 4];
         if (kind === 'meet') {
           const { inputs, meet } = reducer.shared;
           await meet();
           const each = inputs.length / worldSize;
           for (let of = 0; of < worldSize; of += 1) {
             for (let i = 0; i < length; i += 1) check(inputs[of * each + i], step, i, valueOf(step, of, i));
           }
           // Who is late may still read: another operation first.
           await reducer.allGather(true);
           continue;
         }
         const result = await (kind === 'allGather' ? reducer.allGather() : reducer[kind](1));
         const { begin, end } = reducer.own;
         const scattered = kind === 'reduceScatter';
         for (let i = scattered ? begin : 0; i < (scattered ? end : length); i += 1) {
           let sum = 0;
           for (let each = 0; each < worldSize; each += 1) sum += valueOf(step, each, i);
           const owner = i < 160 ? 0 : i < 336 ? 1 : 2;
           const expected = kind === 'allGather' ? valueOf(step, owner, i) : sum;
           check(result[scattered ? i - begin : i], step, i, expected);
         }
       }
       say('right');`,
      { worldSize: 3, length: 500, deadlineMs: 20_000 },
    );
    for (const { said } of ranks) expect(await said()).toBe('right');
  });

  const allReduce = 'await reducer.allReduce(1);';
  const exchange = 'await reducer.shared.meet(); await reducer.allGather(true);';

  it.each([
    ['SIGKILL', 2, allReduce],
    ['SIGKILL', 0, allReduce],
    ['SIGSTOP', 1, allReduce],
    ['SIGKILL', 1, exchange],
  ] as const)(
    'name one that gets a %s, rank %d, in %s, and leave no file',
    async (signal, victim, operation) => {
      const world = { worldSize: 3, length: 100_000, deadlineMs: 700 };
      const { ranks, folder } = await startRanks(
        `for (let step = 0; ; step += 1) {
         reducer.input().fill(step);
         ${operation}
         if (step === 20) say('under way');
       }`,
        world,
      );
      const { child } = ranks[victim]!;
      await once(child.stdout!, 'data');
      child.kill(signal);
      for (const [rank, { said }] of ranks.entries()) {
        if (rank === victim) continue;
        expect(await said()).toEqual({
          code: 'WORKER_LOST',
          message: expect.stringMatching(
            new RegExp(`^rank ${victim} did not answer in the [a-z-]+ within 0.7 s$`),
          ),
        });
      }
      expect(readdirSync(folder)).toEqual([]);
    },
  );
});

/** In a name space of its own, so that nothing stays mounted whatever happens. */
const withSmallFolder = (path: string): string[] => [
  'unshare',
  ...['--map-root-user', '--mount', 'sh', '-c'],
  'mount -t tmpfs -o size=1m small "$0" && exec "$@"',
  path,
];
const canMount = (): boolean => {
  const [program, ...words] = withSmallFolder(tmpdir());
  return spawnSync(program!, [...words, 'true']).status === 0;
};

describe.skipIf(!canMount())('a full file system (needs the right to mount a small one)', () => {
  const options = {
    worldSize: 1,
    rank: 0,
    length: 300_000,
    compression: 'none',
    deadlineMs: 9_000,
  };

  async function fill(others: readonly string[]) {
    const small = join(folder(), 'small');
    mkdirSync(small);
    const given = { small, options, place: { segment: 'full', folders: [small, ...others] } };
    const script = `
      const { readdirSync, readFileSync } = await import('node:fs');
      const made = await createSharedMemory(given.options, given.place).catch((error) => error);
      const sum = made.input && [...(made.input().fill(1), await made.allReduce(1))];
      const maps = readFileSync('/proc/self/maps', 'utf8');
      say({ code: made.code, message: made.message, left: readdirSync(given.small),
        sum: sum?.every((value) => value === 1), folder: /(\\S+)\\/lockstep-segment/.exec(maps)?.[1] });
    `;
    return { small, said: await start(script, given, { prefix: withSmallFolder(small) }).said() };
  }

  it('is not mapped: the next folder is taken', async () => {
    const other = folder();
    const { said } = await fill([other]);
    expect(said).toEqual({ left: [], sum: true, folder: other });
  });

  it('is refused with what it said, and no half file is left', async () => {
    const { said, small } = await fill([]);
    expect(said).toEqual({
      code: 'SHARED_MEMORY',
      message: `ranks cannot share memory here: no folder takes a file of 3.4 MB (${small}: ENOSPC)`,
      left: [],
    });
  });
});
