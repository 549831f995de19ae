import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeSubset } from '../support/dataset.js';
import { temporaryFolder } from '../support/lockstep.js';

const folder = fileURLToPath(new URL('../../examples', import.meta.url));
const require = createRequire(import.meta.url);
const jiti = join(dirname(require.resolve('jiti/package.json')), 'lib/jiti-cli.mjs');

let data: string;
beforeAll(async () => {
  data = await writeSubset(join(temporaryFolder(), 'data'), 600, 100);
});

/** As its comment says to start it, but for a few steps only; its runs go with the test. */
function runExample(file: string): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [jiti, join(folder, file), '--reduced', data], {
    cwd: temporaryFolder(),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk;
    });
  }
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}

/** What each says at its end, which it reaches only if all before it worked. */
const lastWords: Record<string, RegExp> = {
  '1-cnn.ts': /^Trained all 12 steps\. After 1 epochs: test accuracy 0\.\d+$/m,
  '2-layers.ts': /^Trained all 22 steps\. Test accuracy: 0\.\d+$/m,
  '3-mlp.ts': /^label 7, predicted \d$/m,
  '4-deep.ts': /seven\.jpg is a \d$/m,
  '5-tiny.ts': /^weights of the two runs: ([0-9a-f]{64}), \1$/m,
};

describe('examples', () => {
  it('has one program for each of the five systems', () => {
    expect(readdirSync(folder).filter((file) => /^\d-/.test(file))).toEqual(Object.keys(lastWords));
  });

  it.each(Object.entries(lastWords))('%s runs to its end', async (file, words) => {
    const { code, output } = await runExample(file);
    expect(output).toMatch(words);
    expect(code).toBe(0);
  });
});
