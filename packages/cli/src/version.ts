import { readFileSync } from 'node:fs';

const manifest = new URL('../package.json', import.meta.url);

/** Lockstep's version, from the one place where it stands. */
export const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
