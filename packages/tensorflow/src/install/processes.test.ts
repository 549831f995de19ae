import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { findEngine } from './find.js';
import { installEngine } from './install.js';
import type { InstallProgress } from './progress.js';
import { environmentOf, type TinyPin, writeTinyWheel } from './wheel.suite.js';

/** Installs in a process of its own; with a stage it kills itself there, as hard as can be. */
const source = `
  import { installEngine } from './install.js';
  import { environmentOf, writeTinyWheel } from './wheel.suite.js';
  const [root, dieAt] = process.argv.slice(2);
  const pin = writeTinyWheel(root + '/wheels');
  const stages = new Set();
  await installEngine({
    environment: environmentOf(root, pin),
    onProgress: ({ stage, done }) => {
      stages.add(stage);
      if (stage === dieAt && done > 0) process.kill(process.pid, 'SIGKILL');
    },
  });
  console.log(JSON.stringify([...stages]));
`;

let scripts: string;
let program: string;
beforeAll(async () => {
  scripts = mkdtempSync(join(tmpdir(), 'installer-'));
  program = join(scripts, 'installer.mjs');
  await build({
    stdin: { contents: source, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@lockstep/source'],
    // yauzl is CommonJS and asks for Node's own modules.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    outfile: program,
  });
});
afterAll(() => rmSync(scripts, { recursive: true }));

interface Ended {
  readonly signal: string | null;
  readonly stages: string[];
}

function start(root: string, dieAt = ''): Promise<Ended> {
  const child = spawn(process.execPath, [program, root, dieAt], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk));
  return new Promise((resolve) => {
    child.once('close', (_code, signal) => {
      resolve({ signal, stages: said === '' ? [] : (JSON.parse(said) as string[]) });
    });
  });
}

function folder(): string {
  const root = mkdtempSync(join(tmpdir(), 'engine-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  return root;
}

const pip = spawnSync('python3', ['-m', 'pip', '--version']).status === 0;
describe.skipIf(!pip)('processes (needs python3 with pip)', () => {
  it('killed while it unpacks: the next one goes on with what was fetched', async () => {
    const root = folder();
    const pin = writeTinyWheel(join(root, 'wheels'));
    expect(await start(root, 'unpacking')).toEqual({ signal: 'SIGKILL', stages: [] });
    const environment = environmentOf(root, pin, { LOCKSTEP_OFFLINE: '1' });
    expect(await findEngine({ environment })).toBeNull();
    expect(readdirSync(join(root, 'cache', 'staging'))).toHaveLength(1);
    const stages = new Set<string>();
    const onProgress = ({ stage }: InstallProgress): unknown => stages.add(stage);
    const engine = await installEngine({ environment, onProgress });
    expect([...stages]).toEqual(['checking', 'unpacking']);
    expect(await findEngine({ environment })).toEqual(engine);
    for (const left of ['staging', 'downloads']) {
      expect(readdirSync(join(root, 'cache', left))).toEqual([]);
    }
  });

  it('two at once: one fetches, both succeed', async () => {
    const root = folder();
    const environment = environmentOf(root, writeTinyWheel(join(root, 'wheels')));
    const both = await Promise.all([start(root), start(root)]);
    expect(both.map(({ signal }) => signal)).toEqual([null, null]);
    expect(both.filter(({ stages }) => stages.includes('fetching'))).toHaveLength(1);
    expect(await findEngine({ environment })).not.toBeNull();
    expect(readdirSync(join(root, 'cache')).sort()).toEqual(['downloads', 'engines', 'staging']);
  });
});

/** Whether this user may mount a disk of one megabyte. */
function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const probe = mkdtempSync(join(tmpdir(), 'mount-'));
  const mounted = mount(probe);
  if (mounted) unmount(probe);
  rmSync(probe, { recursive: true });
  return mounted;
}

const run = (program: string, ...words: string[]): boolean =>
  spawnSync(program, words).status === 0;
const mount = (place: string): boolean =>
  run('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', place);
const unmount = (place: string): boolean => run('umount', place);

describe.skipIf(!canMount())('a full disk (needs the right to mount a small one)', () => {
  async function installOnSmallDisk(tiny: TinyPin) {
    const root = folder();
    const cache = join(root, 'cache');
    mkdirSync(cache);
    mount(cache);
    try {
      const environment = environmentOf(root, writeTinyWheel(join(root, 'wheels'), tiny));
      const from = join(root, 'wheels');
      const error: unknown = await installEngine({ from, environment }).catch((e: unknown) => e);
      const left = readdirSync(cache, { recursive: true }).sort();
      return { error, left, found: await findEngine({ environment }), cache };
    } finally {
      unmount(cache);
    }
  }

  it('is refused before anything is fetched or unpacked', async () => {
    const bytes = 2 * 2 ** 20;
    const { error, left, cache } = await installOnSmallDisk({ bytes });
    expect(error).toMatchObject({
      code: 'ENGINE_INSTALL',
      message: `tensorflow-1.0-cpu-linux-x64 needs 2 MB in ${cache}, and 1 MB are free`,
    });
    expect(left).toEqual(['engines', 'staging']);
  });

  it('leaves nothing half when it fills up meanwhile', async () => {
    const says = { unpackedBytes: 1_000 };
    const { error, left, found } = await installOnSmallDisk({ bytes: 2 * 2 ** 20, says });
    expect(error).toMatchObject({ code: 'ENGINE_INSTALL' });
    expect((error as Error).message).toMatch(/no space is left for the engine .*ENOSPC/);
    expect(left).toEqual(['engines', 'staging']);
    expect(found).toBeNull();
  });
});

describe('the engine of this user', async () => {
  const engine = await findEngine();
  it.skipIf(engine === null)('is whole (needs lockstep engine install)', async () => {
    expect(engine?.library).toContain('libtensorflow_cc');
    expect(engine?.bytes).toBeGreaterThan(500_000_000);
  });
});
