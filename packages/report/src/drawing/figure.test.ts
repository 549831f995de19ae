import sharp from 'sharp';
import { expect, it } from 'vitest';
import type { Axis } from './axis.js';
import { drawFigure, type Figure } from './figure.js';
import { renderSvg } from './svg.js';

const axis = (label: string): Axis => ({
  label,
  range: [0, 10],
  isLogarithmic: false,
  ticks: [0, 5, 10],
  format: (value) => `${value} ms`,
});

const figure: Figure = {
  title: 'Speed & <size>',
  x: axis('across'),
  y: axis('upward'),
  series: [
    { name: 'computed', style: 'line', points: [0, 5, 10, 20].map((x) => ({ x, y: x })) },
    { name: 'measured', style: 'points', points: [{ x: 5, y: 4 }] },
  ],
};

it('is a picture, with its words', async () => {
  const drawn = renderSvg(drawFigure(figure), 'light');
  for (const words of [
    'across',
    'upward',
    'computed',
    'measured',
    '5 ms',
    'Speed &amp; &lt;size&gt;',
  ]) {
    expect(drawn).toContain(`>${words}<`);
  }
  const { data, info } = await sharp(Buffer.from(drawn))
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([860, 460]);
  expect([...data.subarray(0, 3)]).toEqual([255, 255, 255]);
});

it('leaves out what lies beyond', () => {
  const [, computed] = /<polyline points="([^"]+)"/.exec(renderSvg(drawFigure(figure), 'light'))!;
  expect(computed!.split(' ')).toHaveLength(3);
});
