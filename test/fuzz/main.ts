import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.js';

/*
 * npm run fuzz -- --frames 1000000 [--seed K]
 *
 * Prints how many frames a second, and what memory the process has at the beginning and in the end. A finding is
 * printed with the seed that finds it again, and in hexadecimal, a frame a line.
 */

const { values } = parseArgs({
  options: { frames: { type: 'string', default: '100000' }, seed: { type: 'string' } },
});
const frames = wholeNumber('--frames', values.frames);
const seed = values.seed === undefined ? randomInt(2 ** 30) : wholeNumber('--seed', values.seed);

/** What is compiled, cached and allocated by the first frames is not lost by the others. */
const warmUp = Math.min(50_000, Math.floor(frames / 2));
const megabytes = (): string => `${Math.round(process.memoryUsage.rss() / 2 ** 20)} MB`;

console.log(`${frames} frames, seed ${seed}`);
const begin = performance.now();
let next = warmUp;
const finding = await fuzz({
  frames,
  seed,
  onProgress: (done) => {
    if (done < next) return;
    next = done + Math.max(1_000, Math.floor(frames / 10));
    const seconds = (performance.now() - begin) / 1000;
    console.log(`${done} frames, ${Math.round(done / seconds)} a second, ${megabytes()}`);
  },
});
if (finding === null) {
  const seconds = (performance.now() - begin) / 1000;
  console.log(
    `All ${frames} as they should be, in ${seconds.toFixed(1)} s; ${megabytes()} in the end.`,
  );
} else {
  console.error(`${finding.defect}; find it again with --seed ${finding.seed} --frames 1000`);
  for (const frame of finding.frames) console.error(Buffer.from(frame).toString('hex'));
  process.exitCode = 1;
}

function wholeNumber(flag: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  console.error(`${flag} needs a whole number`);
  process.exit(2);
}
