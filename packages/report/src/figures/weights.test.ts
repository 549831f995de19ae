import type { LayerDescription, LayerWeight } from '@lockstep/core/model';
import { expect, it } from 'vitest';
import { diverging } from '../drawing/colorMap.js';
import { imagesIn, placesOf } from '../drawing/imagesIn.suite.js';
import { weightPictures } from './weights.js';

const weight = (name: string, shape: readonly number[], offset: number): LayerWeight => ({
  ...{ name, shape, offset, trainable: true },
  length: shape.reduce((product, side) => product * side, 1),
});
const layer = (weights: readonly LayerWeight[]): LayerDescription => ({
  ...{ name: 'it', className: 'Dense', config: {}, outputShape: [null], inputs: [] },
  weights,
});

it('shows a kernel with a row for each output, and leaves its bias out', async () => {
  // What lies before it in a checkpoint is not its own.
  const flat = Float32Array.of(99, 1, -2, 3, 4, 5, 6, 0.5, 0.5);
  const dense = layer([weight('kernel', [3, 2], 1), weight('bias', [2], 7)]);
  const pictures = await weightPictures(dense, flat);
  expect(pictures.map(({ name }) => name)).toEqual(['kernel-it', 'distribution-it-kernel']);
  const scale = { map: diverging, least: -6, greatest: 6 };
  expect(await imagesIn(pictures[0]!.drawing, scale)).toEqual([
    { width: 3, height: 2, places: placesOf(scale, [1, 3, 5, -2, 4, 6]) },
  ]);
  expect(pictures[1]!.caption).toMatch(/^6 weights, 3 × 2: mean 2\.83, /);
});

it('shows a filter for each output of a convolution, its inputs in a row', async () => {
  // [height 1, width 2, inputs 2, filters 2]
  const flat = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const [filters] = await weightPictures(layer([weight('kernel', [1, 2, 2, 2], 0)]), flat);
  const scale = { map: diverging, least: -8, greatest: 8 };
  expect(filters!.name).toBe('filters-it');
  expect((await imagesIn(filters!.drawing, scale)).map(({ places }) => places)).toEqual(
    [
      [1, 5],
      [3, 7],
      [2, 6],
      [4, 8],
    ].map((values) => placesOf(scale, values)),
  );
});

it('shows the first of many filters, and says so', async () => {
  const many = weight('kernel', [1, 1, 32, 64], 0);
  const [filters] = await weightPictures(layer([many]), new Float32Array(many.length).fill(1));
  expect(await imagesIn(filters!.drawing, { map: diverging })).toHaveLength(20 * 20);
  expect(filters!.caption).toContain('Shown: the first 20 filters, their first 20 inputs.');
});
