import { type Drawing, type Element, outline, rectangle, text, textWidth } from '../drawing/svg.js';
import { grouped } from '../table/summary.js';
import type { Picture } from './picture.js';

const margin = 16;
const cell = 46;

/** Which classes are taken for which: rows are what an image is, columns what was said of it. */
export function confusionPicture(
  matrix: readonly (readonly number[])[],
  classNames: readonly string[],
): Picture {
  const rows = matrix.map((row) => row.reduce((sum, count) => sum + count, 0));
  const right = matrix.reduce((sum, row, index) => sum + row[index]!, 0);
  const total = rows.reduce((sum, count) => sum + count, 0);
  return {
    name: 'confusion',
    caption: `${grouped(right)} of ${grouped(total)} test images are read right. A row is what an image is, a column what was said of it; the stronger the orange, the more often that mistake was made; at the end of a row stands what part of it is right.`,
    drawing: draw(matrix, classNames, rows),
  };
}

function draw(
  matrix: readonly (readonly number[])[],
  classNames: readonly string[],
  rows: readonly number[],
): Drawing {
  const nameWidth = Math.max(...classNames.map((name) => textWidth(name)));
  const left = margin + 24 + nameWidth + 8;
  // Long names are written upwards.
  const isTurned = nameWidth > cell - 6;
  const top = 62 + (isTurned ? nameWidth : 14) + 8;
  const size = matrix.length * cell;
  const most = Math.max(
    1,
    ...matrix.flatMap((row, truth) => row.filter((_c, said) => said !== truth)),
  );
  const cells = matrix.flatMap((row, truth) =>
    row.flatMap((count, said) => {
      const box = { x: left + said * cell, y: top + truth * cell, width: cell, height: cell };
      const hint = `${classNames[truth]} said to be ${classNames[said]}: ${grouped(count)}`;
      return drawCell(box, count, truth === said ? null : count / most, hint);
    }),
  );
  const names = classNames.flatMap((name, index) => {
    const middle = index * cell + cell / 2;
    return [
      text({ x: left - 8, y: top + middle + 4 }, name, { anchor: 'end' }),
      isTurned
        ? text({ x: left + middle + 4, y: top - 8, turned: true }, name)
        : text({ x: left + middle, y: top - 8 }, name, { anchor: 'middle' }),
    ];
  });
  const parts = matrix.map((row, truth) =>
    text(
      { x: left + size + 10, y: top + truth * cell + cell / 2 + 4 },
      rows[truth] === 0 ? 'none' : `${((100 * row[truth]!) / rows[truth]!).toFixed(1)} %`,
      { paint: 'muted' },
    ),
  );
  return {
    title: 'Confusion matrix of the test images',
    width: left + size + 10 + textWidth('100.0 %') + margin,
    height: top + size + margin,
    elements: [
      text({ x: margin, y: 26 }, 'Confusion matrix, test images', { size: 15, weight: 'bold' }),
      text({ x: left + size / 2, y: 50 }, 'said to be', { anchor: 'middle', paint: 'muted' }),
      text({ x: margin + 10, y: top + size / 2, turned: true }, 'is', {
        anchor: 'middle',
        paint: 'muted',
      }),
      ...cells,
      outline({ x: left, y: top, width: size, height: size }, 'muted'),
      ...names,
      ...parts,
    ],
  };
}

/** Beyond that a dark theme's bright letters could not be read on it. */
const strongest = 0.6;

/** @param share of the most frequent mistake; null: it is none */
function drawCell(
  box: { x: number; y: number; width: number; height: number },
  count: number,
  share: number | null,
  hint: string,
): Element[] {
  const place = { x: box.x + cell / 2, y: box.y + cell / 2 + 4 };
  const isEmpty = count === 0;
  const ground =
    share === null
      ? rectangle(box, 'series-0', { opacity: 0.25, hint })
      : rectangle(box, 'series-1', { opacity: strongest * share, hint });
  return [
    ...(isEmpty && share !== null ? [] : [ground]),
    outline(box, 'faint'),
    text(place, grouped(count), {
      anchor: 'middle',
      paint: isEmpty ? 'muted' : 'ink',
      ...(share === null ? { weight: 'bold' as const } : {}),
    }),
  ];
}
