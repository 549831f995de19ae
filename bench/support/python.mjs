// Where the peers live: virtual environments of pinned packages, made once and kept.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchFolder, cacheFolder } from './paths.mjs';

const installSeconds = 1800;

/**
 * The Python of an environment with what bench/peers/NAME.txt asks for, made where it is not there yet, or made
 * again where the list has changed.
 *
 * @throws Error with what failed
 */
export function preparePython(name) {
  const folder = join(cacheFolder, name);
  const python = join(folder, 'bin', 'python');
  if (isComplete(name)) return python;
  console.error(`installing ${name} into ${folder} (once)`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(cacheFolder, { recursive: true });
  must('python3', ['-m', 'venv', folder]);
  must(python, [
    ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'],
    ...['--requirement', requirementsFile(name)],
  ]);
  writeFileSync(markFile(name), readFileSync(requirementsFile(name)));
  return python;
}

/**
 * A Python that has PyTorch: our own environment, else one that was there before us; our own is made only when
 * asked for, because of its size.
 *
 * @throws Error where there is none
 */
export function findTorch(install) {
  if (install || isComplete('torch')) return preparePython('torch');
  const found = ['python3', '/usr/bin/python3'].find(
    (python) => spawnSync(python, ['-c', 'import torch, numpy'], { timeout: 60_000 }).status === 0,
  );
  if (found !== undefined) return found;
  throw new Error('no python3 here has PyTorch; --torch installs it, 5.4 GB');
}

/** The list that it was made from is written into it last: an interrupted install does not count. */
function isComplete(name) {
  const mark = markFile(name);
  return existsSync(mark) && readFileSync(mark).equals(readFileSync(requirementsFile(name)));
}

function markFile(name) {
  return join(cacheFolder, name, 'installed.txt');
}

function requirementsFile(name) {
  return join(benchFolder, 'peers', `${name}.txt`);
}

function must(command, args) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: installSeconds * 1000,
  });
  if (status === 0) return;
  const lastLine = `${stdout ?? ''}${stderr ?? ''}`.trim().split('\n').at(-1);
  throw new Error(`${command} ${args.slice(0, 3).join(' ')}: ${error?.message ?? lastLine}`);
}
