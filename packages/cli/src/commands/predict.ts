import { exitCodeOf, type LockstepError, toLockstepError } from '@lockstep/core';
import { openEngine } from '../devices/openEngine.js';
import { reportFailure } from '../failure.js';
import { filesIn } from '../image/filesIn.js';
import { side } from '../image/picture.js';
import { readDigit } from '../image/readDigit.js';
import { showDigit } from '../image/show.js';
import { loadModel, loadRun } from '../loadRun.js';
import type { PredictOptions } from '../options/options.js';

/** `lockstep predict RUN FILE|FOLDER...`: which digit is in each picture, and how sure the network is. */
export async function predict(
  directory: string,
  paths: readonly string[],
  options: PredictOptions,
): Promise<number> {
  const warn = (message: string): void => console.error(`warning: ${message}`);
  const files = await filesIn(paths);
  const { checkpoint } = await loadRun(directory, options.checkpoint, warn);
  // A minute's work is not worth a download that nobody asked for.
  const mayInstall = options.engine !== 'auto';
  const { engine } = await openEngine(options, { mayInstall });
  let exitCode = 0;
  try {
    const model = await loadModel(engine, checkpoint, [side, side, 1]);
    for (const file of files) {
      const images = await digitOrError(file);
      if (!(images instanceof Uint8Array)) {
        // The other pictures are still looked at.
        reportFailure(images, process.stderr, options.json);
        exitCode = exitCodeOf('IMAGE_INVALID');
        continue;
      }
      const probabilities = await model.predict({ size: 1, images });
      print(file, images, probabilities, options);
    }
    model.dispose();
    return exitCode;
  } finally {
    await engine.dispose();
  }
}

async function digitOrError(file: string): Promise<Uint8Array | LockstepError> {
  try {
    return await readDigit(file);
  } catch (thrown) {
    const error = toLockstepError(thrown);
    if (error.code === 'IMAGE_INVALID') return error;
    throw error;
  }
}

/** The class with the largest output; a single unit says yes (1) or no (0). */
function answerOf(outputs: Float32Array): number {
  if (outputs.length === 1) return outputs[0]! > 0.5 ? 1 : 0;
  return outputs.indexOf(Math.max(...outputs));
}

function print(
  file: string,
  image: Uint8Array,
  probabilities: Float32Array,
  { json, show }: PredictOptions,
): void {
  const digit = answerOf(probabilities);
  const picture = show ? showDigit(image) : null;
  if (json) {
    const shown = picture === null ? {} : { picture: picture.split('\n') };
    const probability = Math.max(...probabilities);
    console.log(
      JSON.stringify({ file, digit, probability, probabilities: [...probabilities], ...shown }),
    );
    return;
  }
  console.log(`${file}: ${digit} (${Math.max(...probabilities).toFixed(4)})`);
  const each = Array.from(probabilities, (value, index) => `${index}: ${value.toFixed(4)}`);
  console.log(`  ${each.join('  ')}`);
  if (picture !== null) console.log(picture);
}
