import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { counted, formatGibibytes } from '../terminal/format.js';
import type { Gpu, GpuLook } from './nvidiaSmi.js';

/** What a machine has to compute with. */
export interface Machine extends GpuLook {
  readonly cpu: Processor;
  readonly webgpu: { readonly adapter: string | null; readonly problem: string | null };
}

interface Processor {
  readonly model: string;
  /** That this process may use. */
  readonly cores: number;
  readonly memoryBytes: number;
  readonly freeBytes: number;
}

export function thisProcessor(): Processor {
  return {
    model: cpus()[0]?.model.trim() || 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    freeBytes: freemem(),
  };
}

/** One line a device, with the name that `--devices` or `--engine` has for it in front. */
export function formatDevices({ cpu, gpus, problem, webgpu }: Machine): string[] {
  const memory = `${formatGibibytes(cpu.memoryBytes)}, ${formatGibibytes(cpu.freeBytes)} free`;
  const rows: [string, string][] = [
    ['cpu', `${cpu.model}, ${counted(cpu.cores, 'core')}, ${memory}`],
    ...gpus.map((gpu): [string, string] => [`GPU ${gpu.index}`, describeGpu(gpu)]),
    ...(problem === null ? [] : [['GPU', `none: ${problem}`] as [string, string]]),
    ['webgpu', webgpu.adapter ?? `none: ${webgpu.problem}`],
  ];
  return rows.map(([name, text]) => `${name.padEnd(nameWidth)}${text}`);
}

const nameWidth = 8;

/** `NVIDIA H200, 140.4 GiB, 0.0 GiB used, driver 570.86.15`, as far as it is known. */
export function describeGpu({ name, memoryBytes, usedBytes, driver }: Gpu): string {
  return [
    name,
    ...(memoryBytes === null ? [] : [formatGibibytes(memoryBytes)]),
    ...(usedBytes === null ? [] : [`${formatGibibytes(usedBytes)} used`]),
    ...(driver === null ? [] : [`driver ${driver}`]),
  ].join(', ');
}
