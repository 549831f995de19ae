import { describe } from 'vitest';
import { findEngine } from './install/index.js';

/** The library that is installed here, for the tests that need it; null: none is. */
const installedLibrary: string | null = (await findEngine({ variant: 'cpu' }))?.library ?? null;

/** Tests that run on libtensorflow, and are skipped by name where none is installed. */
export function describeWithLibrary(name: string, tests: (library: string) => void): void {
  if (installedLibrary !== null) describe(name, () => tests(installedLibrary));
  else describe.skip(`${name} (needs libtensorflow: lockstep engine install)`, () => tests(''));
}
