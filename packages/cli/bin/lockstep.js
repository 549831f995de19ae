#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const oldestNode = [20, 19];
const [major, minor] = process.versions.node.split('.').map(Number);
const pathOf = (relative) => fileURLToPath(new URL(relative, import.meta.url));

function fail(exitCode, ...lines) {
  for (const line of lines) console.error(line);
  process.exit(exitCode);
}

/** A source checkout has no dist until it is built; a package from the registry always has one. */
function buildOnce() {
  const compiler = pathOf('../../../node_modules/typescript/bin/tsc');
  if (!existsSync(compiler)) {
    fail(
      1,
      'error INTERNAL: Lockstep is not built, and TypeScript is not installed',
      "hint: run 'npm ci' first.",
    );
  }
  console.error('building Lockstep (first run) ...');
  const { status } = spawnSync(process.execPath, [compiler, '-b', pathOf('..')], {
    // What the compiler says goes to stderr: stdout belongs to the command's own output.
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) fail(1, 'error INTERNAL: Lockstep could not be built');
}

if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
  fail(
    2,
    `error USAGE: Lockstep needs Node.js ${oldestNode.join('.')} or newer; this is ${process.versions.node}`,
    'hint: install a newer Node.js and try again.',
  );
}
if (!existsSync(pathOf('../dist/main.js'))) buildOnce();
await import('../dist/main.js');
