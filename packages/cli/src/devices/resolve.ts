import { LockstepError, type Precision } from '@lockstep/core';
import { findEngine } from '@lockstep/tensorflow/install';
import { libraryFor } from '@lockstep/worker';
import type { DevicesChoice } from '../options/compute.js';
import { type GpuLook, lookForGpus } from './nvidiaSmi.js';

/** What the flags ask of an engine. */
export interface Wanted {
  readonly engine: string;
  readonly devices: DevicesChoice;
  readonly allowCpu: boolean;
  readonly precision?: Precision;
}

/**
 * The engine that does what is asked: only `tensorflow` takes a GPU by its number, and only it has bfloat16.
 *
 * @throws USAGE where another one was asked for by name
 */
export function engineFor({ engine, devices, allowCpu, precision = 'float32' }: Wanted): string {
  const asked: string[] = [];
  if (precision !== 'float32') asked.push(`--precision ${precision}`);
  if (Array.isArray(devices) && !allowCpu) asked.push(`--devices ${devices.join()}`);
  if (asked.length === 0 || engine === 'tensorflow') return engine;
  if (engine === 'auto') return 'tensorflow';
  throw new LockstepError(
    'USAGE',
    `${asked.join(' and ')} can be done by the engine tensorflow only, not by '${engine}'`,
    { hint: `Use --engine tensorflow, or leave ${asked.join(' and ')} out.` },
  );
}

/** Devices to be dealt to processes, and whether they may go on without. */
export interface Devices {
  /** `cpu`, GPUs, or `auto` alone: what the engine finds. */
  readonly devices: readonly string[];
  readonly allowCpu: boolean;
}

/** What `auto` looks at. */
export interface Surroundings {
  readonly hasCudaLibrary: () => Promise<boolean>;
  readonly lookForGpus: () => Promise<Pick<GpuLook, 'gpus'>>;
}

const surroundingsHere: Surroundings = {
  hasCudaLibrary: async () => (await findEngine({ variant: 'cuda' })) !== null,
  lookForGpus,
};

/**
 * `auto` is what is there, where there is a library that could use it; nobody asked for it, and so its loss
 * is no failure.
 *
 * @param engine from `engineFor`
 * @throws ENGINE_UNAVAILABLE where a GPU was asked for and no library can reach it
 */
export async function devicesFor(
  { engine, devices, allowCpu }: Wanted,
  around: Surroundings = surroundingsHere,
): Promise<Devices> {
  if (devices === 'cpu') return { devices: [devices], allowCpu };
  if (devices !== 'auto') {
    // What the CPU can do as well is no reason not to fetch the library for it.
    if (engine === 'tensorflow' && !allowCpu) await libraryFor({ device: devices[0]! });
    return { devices, allowCpu };
  }
  const wantsGpus = engine === 'auto' || engine === 'tensorflow';
  if (!wantsGpus || !(await around.hasCudaLibrary())) return { devices: ['auto'], allowCpu };
  const gpus =
    visibleGpus(process.env.CUDA_VISIBLE_DEVICES) ??
    (await around.lookForGpus()).gpus.map(({ index }) => String(index));
  return { devices: gpus.length > 0 ? gpus : ['cpu'], allowCpu: true };
}

/**
 * What the environment, such as a batch system, leaves us: `0,1`, `GPU-5a...`, and nothing from the first
 * `-1` on, as CUDA reads it. Null where it leaves us everything.
 */
export function visibleGpus(variable: string | undefined): string[] | null {
  if (variable === undefined) return null;
  const names = variable.split(',').map((name) => name.trim());
  const end = names.findIndex((name) => name === '' || name.startsWith('-'));
  return end < 0 ? names : names.slice(0, end);
}
