// Is this run directory what one epoch of the main job must leave behind?
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const directory = process.argv[2];
const run = JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8'));
assert.equal(run.stoppedBy, 'epochs');
assert.equal(run.worldSize, 2);
assert.equal(run.steps, 1875);
assert.ok(run.test.accuracy > 0.97, `test accuracy ${run.test.accuracy}`);
assert.match(run.weightsSha256, /^[0-9a-f]{64}$/);
assert.ok(readdirSync(join(directory, 'checkpoints')).some((file) => file.endsWith('.ckpt')));
assert.equal(readFileSync(join(directory, 'history.csv'), 'utf8').trim().split('\n').length, 2);
assert.match(readFileSync(join(directory, 'report.html'), 'utf8'), /id="figure-confusion"/);
for (const { role, pid } of run.processes) {
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' }, `${role} ${pid} is still there`);
}
console.log(
  `main job: test accuracy ${run.test.accuracy}, ${Math.round(run.imagesPerSecond)} images/s`,
);
