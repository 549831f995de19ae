import { type Dataset, globalSlice, imageSizeOf } from '@lockstep/core/data';
import { addMetrics, type Logs, type MetricSums, meansOf } from '@lockstep/core/metrics';
import type { LoadedModel } from '@lockstep/worker';

/**
 * Loss and metrics on the whole test split, without dropout.
 *
 * @param onProgress hears how many samples are done, and what they come to so far
 */
export async function evaluateTest(
  model: Pick<LoadedModel, 'evaluate'>,
  { test, description }: Dataset,
  batchSize: number,
  onProgress: (samples: number, logs: Logs) => void = () => undefined,
): Promise<Logs> {
  const imageSize = imageSizeOf(description.imageShape);
  let sums: MetricSums = {};
  for (let position = 0; position < test.size; ) {
    const { begin, end } = globalSlice(position, test.size, batchSize);
    const batch = {
      size: end - begin,
      images: test.images.subarray(begin * imageSize, end * imageSize),
      labels: test.labels.subarray(begin, end),
    };
    sums = addMetrics(sums, await model.evaluate(batch));
    position = end;
    onProgress(position, meansOf(sums));
  }
  return meansOf(sums);
}
