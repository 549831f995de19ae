import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeSubset } from '../support/dataset.js';
import { hasCpuLibrary } from '../support/library.js';
import { lockstep, readRun, temporaryFolder } from '../support/lockstep.js';

let data: string;
beforeAll(async () => {
  data = await writeSubset(join(temporaryFolder(), 'data'), 500, 100);
});

async function train(...more: string[]) {
  const run = join(temporaryFolder(), 'run');
  const flags = [
    ...['--model', 'tiny', '--batch-size', '10', '--epochs', '1', '--target-accuracy', 'none'],
    ...['--data-dir', data, '--run-dir', run],
  ];
  return { run, ...(await lockstep(['train', ...flags, ...more])) };
}

const logOf = (run: string, slot: number): string =>
  readFileSync(join(run, 'logs', `worker-${slot}.log`), 'utf8');

/** A driver that reports two GPUs, whatever this machine has. */
function pathWithGpus(): string {
  const folder = temporaryFolder();
  const program = join(folder, 'nvidia-smi');
  const rows = ['0, NVIDIA H200, 143771, 1, 570.86.15', '1, NVIDIA H200, 143771, [N/A], 570.86.15'];
  writeFileSync(program, `#!/bin/sh\n${rows.map((row) => `echo '${row}'`).join('\n')}\n`);
  chmodSync(program, 0o755);
  return `${folder}${delimiter}${process.env.PATH}`;
}

describe('a GPU that was asked for', () => {
  it('and cannot be had is an error before anything is trained', async () => {
    const { code, stderr } = await lockstep(['train', '--devices', '0'], {
      env: { LOCKSTEP_CACHE: temporaryFolder(), LOCKSTEP_OFFLINE: '1' },
      cwd: temporaryFolder(),
    });
    expect(stderr).toBe(
      "error ENGINE_UNAVAILABLE: the TensorFlow library is not installed\nhint: Run 'lockstep engine install --cuda'.\n",
    );
    expect(code).toBe(11);
  });

  it('is not for other engines', async () => {
    const { code, stderr } = await train('--engine', 'wasm', '--devices', '0,1');
    expect(stderr).toContain(
      "--devices 0,1 can be done by the engine tensorflow only, not by 'wasm'",
    );
    expect(code).toBe(2);
  });

  it.skipIf(!hasCpuLibrary)(
    'is given to each worker in turn, with its threads, and done without where that is allowed (needs libtensorflow for CPUs: lockstep engine install)',
    async () => {
      const { run, code, stdout } = await train(
        '--devices',
        '0,1',
        '--threads',
        '1',
        '--allow-cpu',
      );
      expect(code).toBe(0);
      for (const slot of [0, 1]) {
        expect(logOf(run, slot)).toContain(
          `1 thread, device ${slot} (CUDA_VISIBLE_DEVICES=${slot})\n`,
        );
        const warning = `going on without device ${slot}: TensorFlow sees only`;
        expect(logOf(run, slot)).toContain(warning);
        expect(stdout).toContain(`warning: ${warning}`);
      }
      const { engine, devices } = readRun(run);
      expect(engine).toBe('tensorflow');
      expect(devices).toEqual([expect.stringMatching(/^tensorflow [\d.]+ \(CPU\)$/)]);
      expect(stdout).toContain(`with 2 workers on engine ${devices[0]}\n`);
    },
  );
});

describe('the precision', () => {
  it.skipIf(!hasCpuLibrary)(
    'is that of the run, in all of its ranks, and cannot be changed later (needs libtensorflow for CPUs: lockstep engine install)',
    async () => {
      const { run, code, stdout } = await train('--precision', 'bfloat16');
      expect(code).toBe(0);
      expect(stdout).toContain('with 2 local workers, training in bfloat16\n');
      expect(stdout).toMatch(/on engine tensorflow [^\n]* in bfloat16\n/);
      expect(readRun(run).config.precision).toEqual({ value: 'bfloat16', source: 'flag' });
      const float = await train();
      expect(readRun(float.run).weightsSha256).not.toBe(readRun(run).weightsSha256);

      const other = await lockstep(['train', '--resume', run, '--precision', 'float32']);
      expect(other.stderr).toContain('has precision "bfloat16", not "float32"');
      expect(other.code).toBe(9);
      const more = await lockstep(['train', '--resume', run, '--epochs', '2']);
      expect(more.stdout).toContain(' in bfloat16\n');
      expect(more.code).toBe(0);
    },
  );
});

describe.skipIf(process.platform === 'win32')('lockstep devices', () => {
  it('lists processor and GPUs', async () => {
    const { stdout, code } = await lockstep(['devices'], { env: { PATH: pathWithGpus() } });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^cpu {5}.+, \d+ cores?, [\d.]+ GiB, [\d.]+ GiB free\n/);
    expect(stdout).toContain('\nGPU 0   NVIDIA H200, 140.4 GiB, 0.0 GiB used, driver 570.86.15\n');
    expect(stdout).toContain('\nGPU 1   NVIDIA H200, 140.4 GiB, driver 570.86.15\n');
    expect(stdout).toMatch(/\nwebgpu {2}/);
  });

  it('gives the same as JSON, and doctor has it in a row', async () => {
    const env = { PATH: pathWithGpus() };
    const { stdout } = await lockstep(['devices', '--json'], { env });
    const { cpu, gpus, problem } = JSON.parse(stdout) as Record<string, unknown>;
    expect(cpu).toMatchObject({ cores: expect.any(Number), memoryBytes: expect.any(Number) });
    expect(gpus).toMatchObject([{ index: 0 }, { index: 1, usedBytes: null }]);
    expect(problem).toBeNull();
    const doctor = await lockstep(['doctor'], { env });
    expect(doctor.stdout).toMatch(/NVIDIA GPUs +GPU 0: NVIDIA H200, .*; GPU 1: NVIDIA H200, /);
  });
});
