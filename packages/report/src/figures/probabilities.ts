import { drawBars } from '../drawing/bars.js';
import type { Picture } from './picture.js';

/** How sure the model is of each class. */
export function probabilitiesPicture(
  probabilities: Float32Array,
  classNames: readonly string[],
  truth: number,
): Picture {
  const said = probabilities.indexOf(Math.max(...probabilities));
  const isRight = said === truth;
  const paints = Array.from(probabilities, (_each, label) => {
    if (label === truth) return 'series-0' as const;
    return label === said ? ('series-1' as const) : ('series-5' as const);
  });
  return {
    name: 'probabilities',
    caption: isRight
      ? `It is ${classNames[truth]}, and read right.`
      : `It is ${classNames[truth]} (the darker blue), and was said to be ${classNames[said]} (orange).`,
    drawing: drawBars({
      title: 'Probabilities',
      categories: classNames,
      series: [{ name: 'probability', values: [...probabilities], paints }],
      format: (value) => (value >= 1e-4 || value === 0 ? value.toFixed(4) : value.toExponential(1)),
      most: 1,
    }),
  };
}
