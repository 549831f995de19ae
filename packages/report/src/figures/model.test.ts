import type { LayerDescription } from '@lockstep/core/model';
import { expect, it } from 'vitest';
import { renderSvg } from '../drawing/svg.js';
import { modelPicture } from './model.js';

const layer = (name: string, inputs: readonly string[], config = {}): LayerDescription => ({
  ...{ name, className: 'Dense', config, inputs },
  outputShape: [null, 4],
  weights: [{ name: 'kernel', shape: [4, 4], trainable: true, offset: 0, length: 16 }],
});

/** Left and upper edge of each box, by the name that stands in it. */
function boxes(svg: string): Map<string, readonly [number, number]> {
  const shapes = [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" [^>]*rx="6"/g)];
  const names = [...svg.matchAll(/font-weight="bold">(\w+)(?: \(\w+\))?<\/text>/g)];
  return new Map(shapes.map(([, x, y], index) => [names[index]![1]!, [Number(x), Number(y)]]));
}

it('has branches side by side, each layer below those that it takes from', () => {
  const layers = [
    layer('left', ['image']),
    layer('right', ['image']),
    layer('deeper', ['right']),
    layer('both', ['left', 'deeper']),
  ];
  const model = { name: 'branched', inputShape: [null, 4], layers };
  const svg = renderSvg(modelPicture(model).drawing, 'light');
  const places = boxes(svg);
  const top = (name: string): number => places.get(name)![1];
  expect([...places.keys()]).toEqual(['input', 'left', 'right', 'deeper', 'both']);
  expect(top('left')).toBe(top('right'));
  expect(places.get('left')![0]).toBeLessThan(places.get('right')![0]);
  expect([top('input'), top('right'), top('deeper'), top('both')]).toEqual(
    [top('input'), top('right'), top('deeper'), top('both')].sort((one, other) => one - other),
  );
  expect(top('both')).toBeGreaterThan(top('deeper'));
  // An arrow for each input of each layer.
  expect(svg.match(/<polygon /g)).toHaveLength(5);
});

it('says what a layer is, in few words', () => {
  const convolution = { filters: 8, kernel_size: [3, 3], padding: 'same', activation: 'linear' };
  const layers = [layer('first', ['image'], convolution)];
  const svg = renderSvg(modelPicture({ name: 'm', inputShape: [null], layers }).drawing, 'light');
  expect(svg).toContain('>8 filters, 3×3, same<');
  expect(svg).toContain('>(None, 4) · 16 parameters<');
});
