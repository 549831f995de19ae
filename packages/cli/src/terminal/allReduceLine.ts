import type { News } from '@lockstep/coordinator';
import { formatBytes, formatMilliseconds } from './format.js';

type Linked = Extract<News, { news: 'linked' }>;

/**
 * How the ranks average, what that takes, what else they tried, and why this one was taken:
 * `All-reduce: shared-memory, 0.2 ms for 2.8 MB (ring 2.1 ms, star 9.8 ms): all ranks are on one host.`
 */
export function allReduceLine({ collective, bytes, tried, why }: Linked): string {
  const own = tried.find(({ name }) => name === collective)?.milliseconds ?? null;
  const time = own === null ? '' : `, ${formatMilliseconds(own)} for ${formatBytes(bytes)}`;
  const others = tried.flatMap(({ name, milliseconds, failure }) => {
    if (name === collective) return [];
    if (failure !== null) return [`${name} failed: ${failure.message}`];
    return milliseconds === null ? [] : [`${name} ${formatMilliseconds(milliseconds)}`];
  });
  const rest = others.length === 0 ? '' : ` (${others.join(', ')})`;
  return `All-reduce: ${collective}${time}${rest}: ${why}.`;
}
