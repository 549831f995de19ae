import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const fromHere = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * The transport as JavaScript in a folder of its own, for tests that need another process: that has no
 * vitest to read TypeScript for it, and what was built last may be older than the sources.
 */
export function compileTransport() {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-transport-'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  symlinkSync(fromHere('../../../../node_modules'), join(folder, 'node_modules'), 'junction');
  const { status, stdout } = spawnSync(
    process.execPath,
    [
      fromHere('../../../../node_modules/typescript/bin/tsc'),
      ...['--ignoreConfig', '--skipLibCheck', '--types', 'node', '--module', 'nodenext'],
      ...['--target', 'es2023', '--rootDir', fromHere('..'), '--outDir', folder],
      fromHere('./index.ts'),
    ],
    { cwd: folder, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`the transport does not compile: ${stdout}`);

  return {
    /** Starts Node on a script that may import './transport/index.js'. */
    run: (script: string, ...args: string[]) =>
      spawn(process.execPath, ['--input-type=module', '--eval', script, ...args], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'inherit'],
      }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
