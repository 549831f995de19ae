import type { OptimizerConfig } from '@lockstep/core';
import { fitState, readModelFile, type SavedModel } from '@lockstep/formats';
import type { Engine, LoadedModel } from '@lockstep/worker';

/** 100 images and labels of MNIST. */
export interface Hundred {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

const imageSize = 28 * 28;

export function batchOf({ images, labels }: Hundred, begin: number, end: number) {
  return {
    size: end - begin,
    images: images.subarray(begin * imageSize, end * imageSize),
    labels: labels.subarray(begin, end),
  };
}

/** The model of a file, in an engine, with the optimizer as it was. */
export async function openInEngine(
  engine: Engine,
  file: string,
): Promise<{ model: LoadedModel; optimizer: OptimizerConfig; saved: SavedModel }> {
  const saved = await readModelFile(file);
  const optimizer = saved.optimizer!.config;
  const spec = { name: saved.name, topology: saved.topology!, loss: saved.loss! };
  const model = await engine.load(spec, { seed: 1, optimizer, imageShape: [28, 28, 1] });
  const parameters = model.parameters.map(({ name, shape, trainable }) => ({
    name,
    shape: [...shape],
    trainable,
  }));
  await model.writeState(fitState(saved, parameters, await model.readState(), file));
  return { model, optimizer, saved };
}

/** The mean losses of one step for each range, each before its update. */
export async function losses(
  model: LoadedModel,
  rate: number,
  hundred: Hundred,
  ranges: readonly (readonly [number, number])[],
): Promise<number[]> {
  const means: number[] = [];
  for (const [begin, end] of ranges) {
    const { loss } = await model.step(batchOf(hundred, begin, end), { step: 0, position: 0 }, rate);
    means.push(loss!.sum / loss!.count);
  }
  return means;
}
