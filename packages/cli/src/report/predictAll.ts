import { type Dataset, globalSlice, imageSizeOf } from '@lockstep/core/data';
import type { Predictions } from '@lockstep/report';
import type { LoadedModel } from '@lockstep/worker';

const batchSize = 500;

/**
 * What a model says of the test images, in order: of as many as there is time for, and of one batch at least.
 *
 * @param patienceMs after that no other batch is begun
 */
export async function predictAll(
  model: Pick<LoadedModel, 'predict'>,
  { test, description }: Dataset,
  patienceMs: number,
  now = () => performance.now(),
): Promise<Predictions> {
  const imageSize = imageSizeOf(description.imageShape);
  const begun = now();
  const parts: Float32Array[] = [];
  let size = 0;
  while (size < test.size && (size === 0 || now() - begun < patienceMs)) {
    const { begin, end } = globalSlice(size, test.size, batchSize);
    const images = test.images.subarray(begin * imageSize, end * imageSize);
    parts.push(await model.predict({ size: end - begin, images }));
    size = end;
  }
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const probabilities = new Float32Array(length);
  let offset = 0;
  for (const part of parts) {
    probabilities.set(part, offset);
    offset += part.length;
  }
  return { size, classes: size === 0 ? description.classes : length / size, probabilities };
}
