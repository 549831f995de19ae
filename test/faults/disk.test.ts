import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Ended, eventually, lockstep, start, temporaryFolder } from '../support/lockstep.js';
import { canMount, type OwnFileSystem, ownFileSystem } from '../support/ownFileSystem.js';
import { expectWhole, type SmallRun, smallRun } from '../support/smallRun.js';

/** A checkpoint has the weights and the momentum of 101,770 parameters. */
const checkpointKilobytes = Math.ceil((2 * 4 * 101_770) / 1024);

let small: SmallRun;
beforeAll(async () => {
  small = await smallRun(4);
});

interface Place {
  readonly disk: OwnFileSystem;
  /** As those see it that run in it. */
  readonly run: string;
}

async function place(options: string): Promise<Place> {
  const folder = join(temporaryFolder(), 'disk');
  mkdirSync(folder);
  return { disk: await ownFileSystem(folder, options), run: join(folder, 'run') };
}

/** The same command line begins a run, and goes on with it. */
const command = (run: string): string[] => [
  ...['train', '--workers', '0', '--run-dir', run, '--resume', 'auto', ...small.flags],
];

const checkpointsIn = ({ disk, run }: Place): string[] =>
  readdirSync(join(disk.pathOf(run), 'checkpoints')).filter((name) => !name.startsWith('.'));

function expectRefusal({ code, stderr, stdout }: Ended, reason: RegExp): void {
  expect(code).toBe(10);
  expect(stderr + stdout).toMatch(/RUN_DIRECTORY/);
  expect(stderr + stdout).toMatch(reason);
}

async function expectToGoOn({ disk, run }: Place): Promise<void> {
  const resumed = await lockstep(command(run), { under: disk.under });
  expect(resumed).toMatchObject({ code: 0 });
  expectWhole(disk.pathOf(run), small);
}

describe.runIf(canMount)('a disk for the run (needs root: mounts)', () => {
  it.each([
    { kilobytes: 4, saved: 0 },
    { kilobytes: 200, saved: 0 },
    { kilobytes: 1.5 * checkpointKilobytes, saved: 1 },
    { kilobytes: 2.5 * checkpointKilobytes, saved: 2 },
    { kilobytes: 3.5 * checkpointKilobytes, saved: 3 },
  ])(
    'that is full after $kilobytes KB: the $saved checkpoints before stay',
    async ({ kilobytes, saved }) => {
      const here = await place(`size=${Math.floor(kilobytes)}k`);
      const { disk, run } = here;
      const ended = await lockstep(command(run), { under: disk.under });
      expectRefusal(ended, /no space left on device/i);
      if (saved > 0) expect(checkpointsIn(here)).toHaveLength(saved);
      expect(disk.tryRemount('size=64m')).toBe(true);
      await expectToGoOn(here);
    },
  );

  it('that cannot be written: refused before anything is trained', async () => {
    const { disk, run } = await place('ro');
    const ended = await lockstep(command(run), { under: disk.under });
    expectRefusal(ended, /read-only file system/i);
    expect(ended.stdout).not.toContain('Epoch');
  });

  it('that becomes read-only while it trains', async () => {
    const here = await place('size=64m');
    const { disk, run } = here;
    const running = start([...command(run), '--epochs', '1000', '--json'], { under: disk.under });
    await running.until(/"news":"epoch"/);
    // Refused as long as a file is open for writing.
    await eventually(() => disk.tryRemount('ro'));
    expectRefusal(await running.ended, /read-only file system/i);
    expect(checkpointsIn(here).length).toBeGreaterThan(0);
    expect(disk.tryRemount('rw')).toBe(true);
    const resumed = await lockstep([...command(run), '--epochs', '1'], { under: disk.under });
    expect(resumed).toMatchObject({ code: 0 });
  });
});
