import type { DatasetDescription, Split } from '@lockstep/core/data';
import { drawGrid } from '../drawing/grid.js';
import { classNamesOf } from './classNames.js';
import { imageScale, planeOf, zoomOf } from './images.js';
import type { Picture } from './picture.js';
import { mistakesOf, type Predictions } from './predictions.js';

const shown = 20;

/** The test images of which the model was surest, and wrong. Null: it made no mistake. */
export async function mistakesPicture(
  { name, imageShape, classes }: DatasetDescription,
  test: Split,
  predictions: Predictions,
): Promise<Picture | null> {
  const mistakes = mistakesOf(predictions, test.labels);
  if (mistakes.length === 0) return null;
  const classNames = classNamesOf(name, classes);
  const tiles = mistakes.slice(0, shown).map(({ index, truth, said, probability }) => ({
    plane: planeOf(test.images, imageShape, index),
    labels: [
      { text: `is ${classNames[truth]}` },
      { text: `said ${classNames[said]}`, paint: 'wrong' as const },
      { text: `${(100 * probability).toFixed(1)} %`, paint: 'muted' as const },
      { text: `no. ${index}`, paint: 'muted' as const },
    ],
  }));
  return {
    name: 'mistakes',
    caption: `The ${tiles.length} surest of ${mistakes.length} mistakes: what the image is, what was said and how surely, and its number among the test images, as 'lockstep inspect --image' takes it.`,
    drawing: await drawGrid({
      title: 'Most confident mistakes',
      tiles,
      scale: imageScale,
      zoom: zoomOf(imageShape),
      columns: 10,
      bar: null,
    }),
  };
}
