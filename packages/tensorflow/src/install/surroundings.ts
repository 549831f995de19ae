import { readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { LockstepError } from '@lockstep/core';
import { type Pin, pins, type Variant } from './pins.js';

/** What an installation depends on: the process's own, or a test's. */
export interface Surroundings {
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** As `process.platform` and `process.arch` have them. */
  readonly platform: string;
  readonly architecture: string;
  readonly home: string;
  readonly pins: readonly Pin[];
  /** Why this very machine could not run a library for its platform; null where it can. */
  readonly obstacle: () => string | null;
}

/** What is not given is the process's own. */
export type Environment = Partial<Surroundings>;

export function surroundingsOf(given: Environment = {}): Surroundings {
  return {
    variables: process.env,
    platform: process.platform,
    architecture: process.arch,
    home: homeOrTemporary(),
    pins,
    obstacle: obstacleHere,
    ...given,
  };
}

/** A container may run under a number that no user has, and without HOME: Node throws there. */
function homeOrTemporary(): string {
  try {
    return homedir();
  } catch {
    return tmpdir();
  }
}

/** Where installed engines and unfinished downloads are kept. */
export interface Cache {
  readonly root: string;
  /** A directory for each installed engine. */
  readonly engines: string;
  /** Whole wheels whose hash is right, kept until they are unpacked. */
  readonly downloads: string;
  /** What is not finished; renamed to its place when it is. */
  readonly staging: string;
}

/** `LOCKSTEP_CACHE`; else the place for caches of the system (XDG base directory specification). */
export function cacheOf({ variables, platform, home }: Surroundings): Cache {
  const { LOCKSTEP_CACHE: own, XDG_CACHE_HOME: shared } = variables;
  const usual = platform === 'darwin' ? join(home, 'Library', 'Caches') : join(home, '.cache');
  const root = own || join(shared || usual, 'lockstep');
  return {
    root,
    engines: join(root, 'engines'),
    downloads: join(root, 'downloads'),
    staging: join(root, 'staging'),
  };
}

/** `LOCKSTEP_OFFLINE=1`: nothing is fetched. */
export function isOffline({ variables }: Surroundings): boolean {
  return !['', '0', 'false'].includes(variables.LOCKSTEP_OFFLINE ?? '');
}

/** @throws ENGINE_INSTALL where there is no such library, with what to use instead */
export function pinFor(variant: Variant, surroundings: Surroundings): Pin {
  const { platform, architecture } = surroundings;
  const here = surroundings.pins.filter(
    (pin) => pin.platform === platform && pin.architecture === architecture,
  );
  const pin = here.find((each) => each.variant === variant);
  const hint = 'Use --engine wasm: it runs everywhere.';
  if (pin === undefined) {
    const machine = `${platform} ${architecture}`;
    throw new LockstepError(
      'ENGINE_INSTALL',
      `there is no TensorFlow for ${variant === 'cuda' ? 'CUDA on ' : ''}${machine}`,
      { hint: here.length > 0 ? "Use 'lockstep engine install --cpu'." : hint },
    );
  }
  const obstacle = surroundings.obstacle();
  if (obstacle !== null) {
    throw new LockstepError('ENGINE_INSTALL', `TensorFlow cannot run here: ${obstacle}`, { hint });
  }
  return pin;
}

/** The wheels are built for glibc 2.27, and for AVX on x86-64: without it, TensorFlow aborts when loaded. */
function obstacleHere(): string | null {
  if (process.platform !== 'linux') return null;
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  const glibc = header.glibcVersionRuntime;
  if (glibc === undefined) return 'this Linux has no glibc (Alpine has musl)';
  const [major = 0, minor = 0] = glibc.split('.').map(Number);
  if (major === 2 && minor < 27) return `it needs glibc 2.27, and this is ${glibc}`;
  if (process.arch === 'x64' && !processorFlags().includes('avx')) {
    return 'this processor has no AVX';
  }
  return null;
}

function processorFlags(): string[] {
  const [, flags = ''] = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8')) ?? [];
  return flags.trim().split(/\s+/);
}
