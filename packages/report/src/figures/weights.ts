import type { LayerDescription, LayerWeight } from '@lockstep/core/model';
import { scaleFor } from '../drawing/colorMap.js';
import { drawGrid } from '../drawing/grid.js';
import { drawHistogram } from '../drawing/histogram.js';
import type { Plane } from '../drawing/pixels.js';
import { grouped } from '../table/summary.js';
import type { Picture } from './picture.js';

/** Filters that are shown: of one input, and of several, each in a row of its own. */
const mostFilters = { ofOne: 64, ofSeveral: 20 };
/** Input channels that are shown of each filter, where it has several. */
const mostInputs = 20;
/** A dense layer's kernel is shown as a picture where it has at most so many rows and columns. */
const mostSide = 800;

/** The weights of a layer: filters and kernels as images, and how all of them are distributed. */
export async function weightPictures(
  layer: LayerDescription,
  weights: Float32Array,
): Promise<Picture[]> {
  const pictures: Picture[] = [];
  for (const weight of layer.weights) {
    const values = weights.subarray(weight.offset, weight.offset + weight.length);
    const picture = await pictureOf(layer, weight, values);
    if (picture !== null) pictures.push(picture);
    if (weight.shape.length > 1) pictures.push(histogramOf(layer, weight, values));
  }
  return pictures;
}

async function pictureOf(
  layer: LayerDescription,
  { name, shape }: LayerWeight,
  values: Float32Array,
): Promise<Picture | null> {
  if (shape.length === 4) return filtersOf(layer, shape, values);
  if (shape.length !== 2) return null;
  const [rows, columns] = shape as [number, number];
  if (rows > mostSide || columns > mostSide) return null;
  const zoom = Math.max(1, Math.min(12, Math.floor(mostSide / Math.max(rows, columns))));
  // Rows across: a dense layer has more inputs than outputs, and a page is wider than high.
  const plane = { width: rows, height: columns, values: transposed(values, rows, columns) };
  return {
    name: `${name}-${layer.name}`,
    caption: `A column for each of ${grouped(rows)} inputs, a row for each of ${grouped(columns)} outputs.`,
    drawing: await drawGrid({
      title: `Weights of ${layer.name}: ${name}`,
      tiles: [{ plane, labels: [] }],
      scale: scaleFor(values, { isSigned: true }),
      zoom,
      columns: 1,
      bar: 'weight',
    }),
  };
}

/** @param shape of a convolution's kernel: `[height, width, inputs, filters]` */
async function filtersOf(
  { name }: LayerDescription,
  shape: readonly number[],
  values: Float32Array,
): Promise<Picture> {
  const [height, width, inputs, filters] = shape as [number, number, number, number];
  const [shownInputs, shownFilters] = [
    Math.min(inputs, mostInputs),
    Math.min(filters, inputs === 1 ? mostFilters.ofOne : mostFilters.ofSeveral),
  ];
  const plane = (input: number, filter: number): Plane => ({
    width,
    height,
    values: Float32Array.from(
      { length: height * width },
      (_each, place) => values[(place * inputs + input) * filters + filter]!,
    ),
  });
  // Of one input a grid of filters; of several a row for each filter, a column for each input.
  const tiles = Array.from({ length: shownFilters * shownInputs }, (_none, index) => {
    const [filter, input] = [Math.floor(index / shownInputs), index % shownInputs];
    const label = inputs === 1 ? [{ text: String(filter) }] : [];
    return { plane: plane(input, filter), labels: label };
  });
  const cut = shownInputs < inputs || shownFilters < filters;
  const seen = cut
    ? ` Shown: the first ${shownFilters} filters, their first ${shownInputs} inputs.`
    : '';
  return {
    name: `filters-${name}`,
    caption:
      inputs === 1
        ? `${filters} filters of ${height} × ${width}: orange is above 0, purple below.${seen}`
        : `${filters} filters of ${height} × ${width} over ${inputs} inputs, a row for each filter: orange is above 0, purple below.${seen}`,
    drawing: await drawGrid({
      title: `Filters of ${name}`,
      tiles,
      scale: scaleFor(values, { isSigned: true }),
      zoom: Math.max(2, Math.round(filterWidth(inputs, shownFilters) / width)),
      columns: inputs === 1 ? 8 : shownInputs,
      bar: 'weight',
    }),
  };
}

/** Pixels: the fewer there are, the larger. */
function filterWidth(inputs: number, filters: number): number {
  if (inputs > 1) return 30;
  return filters <= 4 ? 120 : 54;
}

function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(
    { length: rows * columns },
    (_each, place) => values[(place % rows) * columns + Math.floor(place / rows)]!,
  );
}

function histogramOf(
  layer: LayerDescription,
  { name, shape }: LayerWeight,
  values: Float32Array,
): Picture {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const text = (value: number): string => String(Number(value.toPrecision(3)));
  return {
    name: `distribution-${layer.name}-${name}`,
    caption: `${grouped(values.length)} weights, ${shape.join(' × ')}: mean ${text(mean)}, standard deviation ${text(Math.sqrt(variance))}.`,
    drawing: drawHistogram(`Distribution of ${layer.name}: ${name}`, values),
  };
}
