import { expect, it } from 'vitest';
import { renderSvg } from '../drawing/svg.js';
import { curvePictures } from './curves.js';

const rows = [0, 1, 2].map((epoch) => ({
  epoch,
  logs: { accuracy: 0.9 + epoch / 50, loss: 0.3 / (epoch + 1), val_loss: 0.4 / (epoch + 1) },
}));

it('draws a curve for each metric, with validation where there is some', () => {
  const [loss, accuracy, ...more] = curvePictures(rows);
  expect(more).toEqual([]);
  expect(loss!.name).toBe('curve-loss');
  expect(loss!.caption).toBe('After the last epoch: training 0.1000, validation 0.1333.');
  expect(accuracy!.caption).toBe('After the last epoch: training 0.9400.');
  const drawn = renderSvg(loss!.drawing, 'auto');
  expect(drawn.match(/<polyline points="\d/g)).toHaveLength(2 + 2);
  for (const epoch of [1, 2, 3]) expect(drawn).toContain(`>${epoch}</text>`);
  expect(drawn).not.toMatch(/>(0|4|1\.5)<\/text>/);
});

it('leaves a gap where a loss is no number, and draws one epoch as points', () => {
  const broken = rows.map((row) =>
    row.epoch === 1 ? { ...row, logs: { loss: Number.NaN } } : row,
  );
  const drawn = renderSvg(curvePictures(broken)[0]!.drawing, 'light');
  expect(drawn).not.toContain('NaN');
  const [single] = curvePictures(rows.slice(0, 1));
  expect(renderSvg(single!.drawing, 'light')).not.toContain('<polyline');
});

it('draws something where no loss is a number', () => {
  const [picture] = curvePictures([{ epoch: 0, logs: { loss: Number.NaN } }]);
  expect(picture!.caption).toBe('No finite loss.');
  expect(renderSvg(picture!.drawing, 'light')).not.toContain('NaN');
});
