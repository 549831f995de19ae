import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LockstepError } from '@lockstep/core';
import { type NetworkDescription, networkSchema } from './description.js';

const folder = new URL('../../networks/', import.meta.url);

/** The networks that come with the simulator. */
export function networkNames(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}

/**
 * @param name one of `networkNames`, or a path to a file of one's own
 * @throws USAGE where there is no such network, or it is not as ./description says
 */
export function readNetwork(name: string): NetworkDescription {
  const isOurs = networkNames().includes(name);
  const file = isOurs ? fileURLToPath(new URL(`${name}.json`, folder)) : name;
  const result = networkSchema.safeParse(parsed(file, textOf(file)));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue!.path.length === 0 ? 'the whole' : `'${issue!.path.join('.')}'`;
  throw new LockstepError('USAGE', `${file}: ${place} is wrong: ${issue!.message}`, {
    hint: 'packages/simulator/src/network/description.ts says what belongs there, and packages/simulator/networks has examples.',
  });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new LockstepError('USAGE', `there is no network '${file}', and no such file to read`, {
      hint: `Use one of ${networkNames().join(', ')}, or the path of a file.`,
      cause,
    });
  }
}

function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LockstepError('USAGE', `${file} is not JSON: ${reason}`, {
      hint: 'Begin with a copy of a file in packages/simulator/networks.',
      cause,
    });
  }
}
