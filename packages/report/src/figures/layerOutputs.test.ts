import type { LayerDescription } from '@lockstep/core/model';
import { expect, it } from 'vitest';
import { diverging, viridis } from '../drawing/colorMap.js';
import { imagesIn, placesOf } from '../drawing/imagesIn.suite.js';
import { layerOutputPicture } from './layerOutputs.js';

const layer: LayerDescription = {
  ...{ name: 'conv2d', className: 'Conv2D', config: {} },
  ...{ outputShape: [null], inputs: [], weights: [] },
};
const pictureOf = (shape: readonly number[], values: Float32Array) =>
  layerOutputPicture(layer, { layer: layer.name, shape, values });

it('shows each channel as an image of its own, channels lying last', async () => {
  const values = Float32Array.of(0, 10, 1, 11, 2, 12, 3, 13, 4, 14, 5, 15);
  const { drawing, caption, name } = await pictureOf([2, 3, 2], values);
  const scale = { map: viridis, least: 0, greatest: 15 };
  expect(await imagesIn(drawing, scale)).toEqual([
    { width: 3, height: 2, places: placesOf(scale, [0, 1, 2, 3, 4, 5]) },
    { width: 3, height: 2, places: placesOf(scale, [10, 11, 12, 13, 14, 15]) },
  ]);
  expect(name).toBe('output-conv2d');
  expect(caption).toBe('Conv2D: 12 numbers from 0 to 15.');
});

it('has 0 at its end where nothing is negative, and in its middle where something is', async () => {
  const positive = { map: viridis, least: 0, greatest: 4 };
  expect(await imagesIn((await pictureOf([2], Float32Array.of(2, 4))).drawing, positive)).toEqual([
    { width: 2, height: 1, places: placesOf(positive, [2, 4]) },
  ]);
  const signed = { map: diverging, least: -4, greatest: 4 };
  expect(await imagesIn((await pictureOf([2], Float32Array.of(-1, 4))).drawing, signed)).toEqual([
    { width: 2, height: 1, places: placesOf(signed, [-1, 4]) },
  ]);
});

it.each([
  [10, 10, 1],
  [64, 64, 1],
  [100, 20, 5],
  [507, 39, 13],
  [5_408, 104, 52],
])('lays %i numbers into a picture of %i by %i', async (length, width, height) => {
  const values = Float32Array.from({ length }, (_none, place) => place);
  const { drawing, caption } = await pictureOf([length], values);
  const [image, ...more] = await imagesIn(drawing, { map: viridis });
  expect(more).toEqual([]);
  expect(image).toMatchObject({ width, height });
  expect(image!.places).not.toContain(null);
  expect(caption.includes('in a row')).toBe(height > 1);
});

it('ends the last row earlier where there is no other way', async () => {
  const values = new Float32Array(127).fill(1);
  const [image] = await imagesIn((await pictureOf([127], values)).drawing, { map: viridis });
  expect(image!.places.filter((place) => place !== null)).toHaveLength(127);
  expect(image!.places.at(-1)).toBeNull();
});

it('says when there are more channels than can be seen', async () => {
  const { drawing, caption } = await pictureOf([1, 1, 100], new Float32Array(100));
  expect(await imagesIn(drawing, { map: viridis })).toHaveLength(64);
  expect(caption).toContain('the first 64 channels');
});
