import { availableParallelism } from 'node:os';
import { createEngine, type Engine } from '@lockstep/worker';
import { ensureEngine } from '../launch/ensureEngine.js';
import type { DevicesChoice, ThreadsChoice } from '../options/compute.js';
import { assignShares, type Share } from './assign.js';
import { devicesFor, engineFor } from './resolve.js';

/** What the flags say of computing. */
export interface ComputeOptions {
  readonly engine: string;
  readonly threads: ThreadsChoice;
  readonly devices: DevicesChoice;
  readonly allowCpu: boolean;
}

export interface OpenEngine {
  readonly engine: Engine;
  readonly share: Share;
}

/**
 * The engine of this very process: all cores unless told otherwise, and the first of the devices.
 *
 * @param mayInstall whether the native library is fetched where it is wanted and not there
 * @throws ENGINE_UNAVAILABLE where it does not work here, or the GPU that was asked for cannot be had
 */
export async function openEngine(
  options: ComputeOptions,
  { mayInstall }: { readonly mayInstall: boolean },
): Promise<OpenEngine> {
  const name = engineFor(options);
  const { devices, allowCpu } = await devicesFor({ ...options, engine: name });
  if (mayInstall) await ensureEngine(name, { stream: process.stderr });
  const [share] = assignShares({ threads: options.threads, devices }, 1, availableParallelism());
  const { threads, device } = share!;
  const engine = await createEngine(name, {
    threads,
    allowCpu,
    ...(device === 'auto' ? {} : { device }),
  });
  return { engine, share: share! };
}
