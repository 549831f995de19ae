import { type LayerDescription, type ModelDescription, parametersOf } from '@lockstep/core/model';
import { boxTable, type Column } from './box.js';

/** What of an optimizer counts as parameters. */
export interface OptimizerSummary {
  /** `adam: learningRate 0.001, beta1 0.9`. */
  readonly description: string;
  /** Elements of its float32 state; null: it has none yet, as in a model that was not trained. */
  readonly stateLength: number | null;
}

const bytesPerFloat = 4;
/** Keras counts the number of updates (int64) and the learning rate (float32) among an optimizer's variables. */
const counters = { count: 2, bytes: 8 + 4 };

/** In the widths that Keras takes in a terminal of 80 letters. */
const plainColumns: readonly Column[] = [
  { title: 'Layer (type)', align: 'left', width: 31 },
  { title: 'Output Shape', align: 'left', width: 22 },
  { title: 'Param #', align: 'right', width: 13 },
];
const branchedColumns: readonly Column[] = [
  { title: 'Layer (type)', align: 'left', width: 19 },
  { title: 'Output Shape', align: 'left', width: 17 },
  { title: 'Param #', align: 'right', width: 10 },
  { title: 'Connected to', align: 'left', width: 17 },
];

/** Keras 3's `model.summary()`, to the letter, with the optimizer's name below it. */
export function summaryTable(model: ModelDescription, optimizer: OptimizerSummary | null): string {
  const branches = hasBranches(model);
  const rows = model.layers.map((layer) => [
    `${layer.name} (${layer.className})`,
    shapeText(layer.outputShape),
    grouped(parametersOf([layer])),
    ...(branches ? [layer.inputs.map((name) => `${name}[0][0]`).join(', ') || '-'] : []),
  ]);
  return [
    `Model: "${model.name}"`,
    boxTable(branches ? branchedColumns : plainColumns, rows),
    ...totals(model, optimizer),
    ...(optimizer === null ? [] : [` Optimizer: ${optimizer.description}`]),
  ].join('\n');
}

function totals({ layers }: ModelDescription, optimizer: OptimizerSummary | null): string[] {
  const trainable = parametersOf(layers, (weight) => weight.trainable);
  const frozen = parametersOf(layers, (weight) => !weight.trainable);
  const state = optimizer?.stateLength ?? null;
  const own = state === null ? 0 : state + counters.count;
  const ownBytes = state === null ? 0 : state * bytesPerFloat + counters.bytes;
  const line = (name: string, count: number, bytes: number): string =>
    ` ${name} params: ${grouped(count)} (${memoryText(bytes)})`;
  const weightBytes = (trainable + frozen) * bytesPerFloat;
  return [
    line('Total', trainable + frozen + own, weightBytes + ownBytes),
    line('Trainable', trainable, trainable * bytesPerFloat),
    line('Non-trainable', frozen, frozen * bytesPerFloat),
    ...(state === null ? [] : [line('Optimizer', own, ownBytes)]),
  ];
}

/** Whether it is more than one layer after the other. */
function hasBranches({ layers }: ModelDescription): boolean {
  return layers.some((layer: LayerDescription, index) => {
    const before = layers[index - 1]?.name;
    return index > 0 && (layer.inputs.length !== 1 || layer.inputs[0] !== before);
  });
}

/** `(None, 26, 26, 3)`. */
export function shapeText(shape: readonly (number | null)[]): string {
  const sides = shape.map((side) => side ?? 'None');
  return sides.length === 1 ? `(${sides[0]},)` : `(${sides.join(', ')})`;
}

export const grouped = (value: number): string => value.toLocaleString('en-US');

/** `202.50 KB`: in powers of 1,024, as Keras counts. */
function memoryText(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let [value, unit] = [bytes, 0];
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(2)} ${units[unit]}`;
}
