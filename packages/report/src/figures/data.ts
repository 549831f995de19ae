import type { Dataset, Split } from '@lockstep/core/data';
import { drawBars } from '../drawing/bars.js';
import { drawGrid } from '../drawing/grid.js';
import { grouped } from '../table/summary.js';
import { classNamesOf } from './classNames.js';
import { imageScale, planeOf, zoomOf } from './images.js';
import type { Picture } from './picture.js';

const shown = 30;

/** The first training images, each with its label. */
export async function samplesPicture({ description, train }: Dataset): Promise<Picture> {
  const { name, imageShape, classes } = description;
  const classNames = classNamesOf(name, classes);
  const tiles = Array.from({ length: Math.min(shown, train.size) }, (_none, index) => ({
    plane: planeOf(train.images, imageShape, index),
    labels: [{ text: classNames[train.labels[index]!]! }],
  }));
  return {
    name: 'data',
    caption: `The first ${tiles.length} of ${grouped(train.size)} training images of ${imageShape.join(' × ')}, with their labels.`,
    drawing: await drawGrid({
      title: `${name}: first training images`,
      tiles,
      scale: imageScale,
      zoom: zoomOf(imageShape),
      columns: 10,
      bar: null,
    }),
  };
}

/** How often each class occurs, in training and test images. */
export function classesPicture({ description, train, test }: Dataset): Picture {
  const { name, classes } = description;
  const counts = { train: countsOf(train, classes), test: countsOf(test, classes) };
  const least = Math.min(...counts.train);
  const most = Math.max(...counts.train);
  return {
    name: 'classes',
    caption: `Of each class there are ${grouped(least)} to ${grouped(most)} training images; pixels are bytes from 0 to 255, scaled to 0..1.`,
    drawing: drawBars({
      title: `${name}: images of each class`,
      categories: classNamesOf(name, classes),
      series: [
        { name: `training (${grouped(train.size)})`, values: counts.train },
        { name: `test (${grouped(test.size)})`, values: counts.test },
      ],
      format: grouped,
    }),
  };
}

function countsOf({ labels }: Split, classes: number): number[] {
  const counts = Array<number>(classes).fill(0);
  for (const label of labels) counts[label]! += 1;
  return counts;
}
