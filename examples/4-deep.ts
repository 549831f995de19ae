/**
 * System 4: the network with two convolutions for experts, and photographs of hand-written digits.
 *
 *     npm run example examples/4-deep.ts                     # 20,000 steps, then a 7 that is drawn here
 *     npm run example examples/4-deep.ts mine.jpg other.png  # then your own photographs
 *
 * Weights are drawn from a truncated normal of 0.1, biases are 0.1; half of the 1,024 units are dropped in training,
 * none otherwise: the accuracy that is printed every 100 steps is measured without dropout, as all evaluation is.
 */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRun, readDigit, showDigit, train } from '@lockstep/cli';
import sharp from 'sharp';
import { reduced } from './reduced.js';

const { directory } = await train({
  model: 'deep',
  optimizer: { name: 'adam', learningRate: 1e-4 },
  workers: 2,
  batchSize: 50,
  steps: 20_000,
  logEvery: 100,
  validationData: 'none',
  verbose: 1,
  ...reduced(),
}).result;

// The checkpoint that the run ends with is what is restored here; another process would do the same.
const model = await openRun(directory);
const given = process.argv.slice(2).filter((word) => /\.(jpe?g|png|webp)$/i.test(word));
for (const file of given.length > 0 ? given : [await drawSeven()]) {
  const digit = await readDigit(file);
  const [probabilities] = await model.predict(digit);
  console.log(showDigit(digit));
  console.log(
    [...probabilities!].map((value, label) => `${label}: ${value.toFixed(4)}`).join('  '),
  );
  console.log(`${file} is a ${probabilities!.indexOf(Math.max(...probabilities!))}`);
}
await model.dispose();

/** Dark ink on a page in uneven light, turned a little, as JPG. */
async function drawSeven(): Promise<string> {
  const page = `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="400">
    <linearGradient id="light"><stop stop-color="#fff"/><stop offset="1" stop-color="#bbb"/></linearGradient>
    <rect width="300" height="400" fill="url(#light)"/>
    <path d="M80 110 H220 L130 310" transform="rotate(4 150 200)" fill="none" stroke="#223"
      stroke-width="24" stroke-linecap="round" stroke-linejoin="round"/>
  </svg>`;
  const file = join(await mkdtemp(join(tmpdir(), 'lockstep-')), 'seven.jpg');
  await sharp(Buffer.from(page)).jpeg({ quality: 70 }).toFile(file);
  return file;
}
