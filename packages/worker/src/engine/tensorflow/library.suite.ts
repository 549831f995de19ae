import { findEngine } from '@lockstep/tensorflow/install';
import { describe } from 'vitest';

const installed = await findEngine();

/** Tests that run on libtensorflow, and are skipped by name where none is installed. */
export function describeWithLibrary(name: string, tests: () => void): void {
  if (installed !== null) describe(name, tests);
  else describe.skip(`${name} (needs libtensorflow: lockstep engine install)`, tests);
}
