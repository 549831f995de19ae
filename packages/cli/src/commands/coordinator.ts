import type { Sourced } from '@lockstep/coordinator';
import { launchAtTerminal } from '../launch/atTerminal.js';
import type { CoordinatorFlags } from '../options/options.js';

/** `lockstep coordinator`: waits for workers that are started elsewhere. */
export function coordinator(
  options: CoordinatorFlags,
  sources: Record<string, Sourced>,
): Promise<number> {
  const { listen, fallback, ...rest } = options;
  return launchAtTerminal(rest, sources, { kind: 'at', listen, fallback });
}
