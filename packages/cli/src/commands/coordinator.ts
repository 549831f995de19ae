import type { Sourced } from '@lockstep/coordinator';
import { launch } from '../launch/launch.js';
import type { CoordinatorFlags } from '../options/options.js';

/** `lockstep coordinator`: waits for workers that are started elsewhere. */
export function coordinator(
  options: CoordinatorFlags,
  sources: Record<string, Sourced>,
): Promise<number> {
  const { listen, fallback, ...rest } = options;
  return launch(rest, sources, { kind: 'at', listen, fallback });
}
