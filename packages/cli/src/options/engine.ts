import { LockstepError } from '@lockstep/core';
import { optional, toggle, type ValuesOf } from './flag.js';
import { text } from './parsers.js';
import { jsonFlag } from './train.js';

export const engineInstallFlags = {
  cpu: toggle({ flags: '--cpu', description: 'the build for processors (the default)' }),
  cuda: toggle({ flags: '--cuda', description: 'the build for NVIDIA GPUs, with CUDA 12' }),
  from: optional(
    {
      flags: '--from <FILE|DIR>',
      description: 'a wheel, or a folder with all wheels, instead of the network',
    },
    text('a file or a directory'),
  ),
  json: jsonFlag,
};

export const engineListFlags = { json: jsonFlag };

export const engineRemoveFlags = {
  all: toggle({ flags: '--all', description: 'every engine, and what was fetched for one' }),
  json: jsonFlag,
};

export interface EngineInstallOptions {
  readonly variant: 'cpu' | 'cuda';
  readonly from: string | null;
  readonly json: boolean;
}

/** @throws USAGE when both builds are asked for at once */
export function engineInstallOptionsOf({
  cpu,
  cuda,
  from,
  json,
}: ValuesOf<typeof engineInstallFlags>): EngineInstallOptions {
  if (cpu && cuda) {
    throw new LockstepError('USAGE', '--cpu and --cuda are two builds', {
      hint: 'Install one after the other: both may be there.',
    });
  }
  return { variant: cuda ? 'cuda' : 'cpu', from, json };
}

export interface EngineRemoveOptions {
  /** Null for all. */
  readonly name: string | null;
  readonly json: boolean;
}

/** @throws USAGE unless there is a name or --all */
export function engineRemoveOptionsOf(
  name: string | undefined,
  { all, json }: ValuesOf<typeof engineRemoveFlags>,
): EngineRemoveOptions {
  if ((name !== undefined) === all) {
    throw new LockstepError('USAGE', 'engine remove takes a name or --all', {
      hint: "See the names with 'lockstep engine list'.",
    });
  }
  return { name: name ?? null, json };
}
