import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LockstepError, toLockstepError } from '@lockstep/core';
import { loadDataset } from '@lockstep/core/data';
import { zeromqTransport } from '@lockstep/core/transport';
import { describeGpu, thisProcessor } from '../devices/machine.js';
import { lookForGpus } from '../devices/nvidiaSmi.js';
import { formatCount, formatGibibytes } from '../terminal/format.js';
import { type Check, check } from './check.js';

/** `bin/lockstep.js` refuses older versions before anything else runs. */
export function checkNode(): Check {
  return { name: 'Node.js', detail: `${process.version} on ${process.platform} ${process.arch}` };
}

export function checkData(directory: string | null): Promise<Check> {
  return check('data', async () => {
    const { train, test, description } = await loadDataset({
      name: 'mnist',
      directory: directory ?? undefined,
    });
    const sizes = `${formatCount(train.size)} + ${formatCount(test.size)} samples`;
    const shape = description.imageShape.join(' x ');
    return directory === null
      ? `mnist: ${sizes} of ${shape}, checksums right`
      : `${directory}: ${sizes} of ${shape}`;
  });
}

/** With the transport that a run uses, so that its native part is tried, too. */
export function checkPort(): Promise<Check> {
  return check('network', async () => {
    try {
      const listener = await zeromqTransport.listen('tcp://127.0.0.1:0');
      await listener.close();
      return `a port on 127.0.0.1 could be opened (${listener.address})`;
    } catch (thrown) {
      throw toLockstepError(thrown, 'PORT_IN_USE');
    }
  });
}

/** Runs are kept below the current directory unless another one is given. */
export function checkDirectory(): Promise<Check> {
  return check('directory', async () => {
    const here = resolve('.');
    try {
      const directory = await mkdtemp(join(here, '.lockstep-doctor-'));
      await writeFile(join(directory, 'file'), 'whether a file can be written');
      await rm(directory, { recursive: true });
      const { bavail, bsize } = await statfs(here);
      return `${here} can be written, ${formatGibibytes(bavail * bsize)} free`;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new LockstepError('RUN_DIRECTORY', `${here} cannot be written: ${reason}`, {
        hint: 'Change to a directory that can be written, or give one with --run-dir.',
        cause,
      });
    }
  });
}

export function checkMachine(): Check {
  const { model, cores, memoryBytes, freeBytes } = thisProcessor();
  const memory = `${formatGibibytes(memoryBytes)} memory, ${formatGibibytes(freeBytes)} free`;
  return { name: 'machine', detail: `${cores} cores (${model}), ${memory}` };
}

/** None has to be there. */
export async function checkGpus(): Promise<Check> {
  const { gpus, problem } = await lookForGpus();
  const each = gpus.map((gpu) => `GPU ${gpu.index}: ${describeGpu(gpu)}`);
  return { name: 'NVIDIA GPUs', detail: problem === null ? each.join('; ') : `none: ${problem}` };
}
