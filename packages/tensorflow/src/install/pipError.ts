import type { LockstepError } from '@lockstep/core';
import { elsewhere, installError } from './installError.js';
import type { Wheel } from './pins.js';

/** How pip, and the libraries below it, say that the index cannot be reached. */
const network =
  /NewConnectionError|ConnectTimeout|ReadTimeout|Max retries|name resolution|Network is unreachable|Connection (?:refused|reset|aborted|broken|to \S+ timed out)|ProxyError|SSLError|failed to connect|error sending request|No route to host/i;
/** The part of such a line that is meant for people. */
const reason =
  /Failed to establish a new connection[^'"]*|(?:Read|Connection to \S+) timed out[^'"]*|Cannot connect to proxy[^'"]*|certificate verify failed[^'"]*/;
const lines = 3;

/**
 * What pip's failure means, with the last lines that it said.
 *
 * @param code of its exit, or the signal that ended it; null when it could not be started
 * @param said on stderr
 */
export function pipError(wheel: Wheel, code: number | string | null, said: string): LockstepError {
  const hashes = /Expected sha256\s+([0-9a-f]{64})[\s\S]*?Got\s+([0-9a-f]{64})/.exec(said);
  if (hashes !== null) {
    return installError(
      `the package index has another ${wheel.file}: its sha256 is ${hashes[2]}, and it should be ${hashes[1]}`,
      `Do not use that file: ask who runs the index; or ${elsewhere}.`,
    );
  }
  const last = lastLines(said);
  if (/No space left on device|Errno 28\b|Disk quota exceeded/i.test(said)) {
    return installError(
      `no space is left for ${wheel.file}: ${last}`,
      'Free some space, or choose another disk with LOCKSTEP_CACHE=DIR.',
    );
  }
  if (network.test(said)) {
    return installError(
      `pip cannot reach the package index for ${wheel.project} ${wheel.version}: ${reason.exec(said)?.[0] ?? last}`,
      `Check the network and pip's settings (pip config list); or ${elsewhere}.`,
    );
  }
  return installError(
    `pip could not fetch ${wheel.project} ${wheel.version} (${howItEnded(code)}): ${last}`,
    `See what 'python3 -m pip download ${wheel.project}==${wheel.version}' says; or ${elsewhere}.`,
  );
}

function howItEnded(code: number | string | null): string {
  if (code === null) return 'it did not start';
  return typeof code === 'number' ? `exit code ${code}` : `signal ${code}`;
}

function lastLines(said: string): string {
  const all = said.split(/\r?\n/).map((line) => line.trim());
  const kept = all.filter((line) => line !== '' && !line.startsWith('[notice]'));
  return kept.slice(-lines).join(' / ') || 'it said nothing';
}
