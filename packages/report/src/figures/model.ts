import { type LayerDescription, type ModelDescription, parametersOf } from '@lockstep/core/model';
import {
  type Element,
  line,
  type Point,
  polygon,
  rectangle,
  text,
  textWidth,
} from '../drawing/svg.js';
import { grouped, shapeText } from '../table/summary.js';
import type { Picture } from './picture.js';

const margin = 20;
const top = 52;
const node = { height: 62, gapAcross: 24, gapDown: 30, padding: 14 };

/** A box of the drawing. */
interface Node {
  readonly name: string;
  readonly lines: readonly string[];
  readonly inputs: readonly string[];
}

/** The model from input to output: a box for each layer, an arrow for what goes from one to the next. */
export function modelPicture(model: ModelDescription): Picture {
  const nodes = nodesOf(model);
  const rows = rowsOf(nodes);
  const width =
    Math.max(...nodes.flatMap(({ lines }) => lines.map((each) => textWidth(each)))) +
    2 * node.padding;
  const total = (count: number): number => count * width + (count - 1) * node.gapAcross;
  const widest = Math.max(...rows.map(({ length }) => total(length)));
  const title = `${model.name}: ${grouped(parametersOf(model.layers))} parameters`;
  const content = Math.max(widest, textWidth(title, 15) * 1.1);
  const places = new Map<string, Point>();
  for (const [down, row] of rows.entries()) {
    for (const [across, { name }] of row.entries()) {
      const x = margin + (content - total(row.length)) / 2 + across * (width + node.gapAcross);
      places.set(name, [x, top + down * (node.height + node.gapDown)]);
    }
  }
  const elements = [
    text({ x: margin, y: 28 }, title, { size: 15, weight: 'bold' }),
    ...nodes.flatMap(({ name, inputs }) =>
      inputs.flatMap((input) => arrow(places.get(input)!, places.get(name)!, width)),
    ),
    ...nodes.flatMap((each) => box(each, places.get(each.name)!, width)),
  ];
  const height = top + rows.length * (node.height + node.gapDown) - node.gapDown + margin;
  const count = `${model.layers.length} layers`;
  return {
    name: 'model',
    caption: `${count}; each with its class, what it gives, and how many parameters it has.`,
    drawing: { title: `The layers of ${title}`, width: content + 2 * margin, height, elements },
  };
}

/** The layers, and the input where none of them is it. */
function nodesOf({ layers, inputShape }: ModelDescription): Node[] {
  const names = new Set(layers.map(({ name }) => name));
  const nodes = layers.map((layer) => ({
    name: layer.name,
    lines: linesOf(layer),
    inputs: layer.inputs.map((input) => (names.has(input) ? input : inputName)),
  }));
  if (!nodes.some(({ inputs }) => inputs.includes(inputName))) return nodes;
  return [{ name: inputName, lines: ['input', shapeText(inputShape), ''], inputs: [] }, ...nodes];
}

/** No layer can be called so: Keras's names have no spaces. */
const inputName = ' input';

function linesOf(layer: LayerDescription): string[] {
  const { name, className, config, outputShape } = layer;
  const parameters = parametersOf([layer]);
  const weights = parameters === 0 ? '' : `${grouped(parameters)} parameters`;
  return [
    `${name} (${className})`,
    [shapeText(outputShape), weights].filter((part) => part !== '').join(' · '),
    optionsOf(config).join(', '),
  ];
}

/** What tells one layer of a class from another, in few words. */
function optionsOf(config: LayerDescription['config']): string[] {
  const sides = (value: unknown): string =>
    Array.isArray(value) ? value.join('×') : String(value);
  const options: readonly (readonly [string, (value: unknown) => string])[] = [
    ['filters', (value) => `${value} filters`],
    ['kernel_size', sides],
    ['pool_size', sides],
    ['units', (value) => `${value} units`],
    ['rate', (value) => `rate ${value}`],
    ['padding', String],
    ['activation', (value) => (value === 'linear' ? '' : String(value))],
  ];
  return options.flatMap(([key, write]) => {
    const value = config[key];
    const words = value === undefined || value === null ? '' : write(value);
    return words === '' ? [] : [words];
  });
}

/** In rows from the input down: each below the lowest of those that it takes from. */
function rowsOf(nodes: readonly Node[]): Node[][] {
  const depths = new Map<string, number>();
  const rows: Node[][] = [];
  for (const each of nodes) {
    const depth = 1 + Math.max(-1, ...each.inputs.map((name) => depths.get(name) ?? -1));
    depths.set(each.name, depth);
    rows[depth] ??= [];
    rows[depth].push(each);
  }
  return rows;
}

function arrow([fromX, fromY]: Point, [toX, toY]: Point, width: number): Element[] {
  const tip: Point = [toX + width / 2, toY];
  return [
    line([fromX + width / 2, fromY + node.height], [tip[0], tip[1] - 6], 'muted'),
    polygon([tip, [tip[0] - 4, tip[1] - 7], [tip[0] + 4, tip[1] - 7]], 'muted'),
  ];
}

function box({ lines }: Node, [x, y]: Point, width: number): Element[] {
  const middle = x + width / 2;
  const [name = '', shape = '', options = ''] = lines;
  const shownAt = options === '' ? [27, 45] : [20, 37];
  return [
    rectangle({ x, y, width, height: node.height }, 'panel', { radius: 6, stroke: 'faint' }),
    text({ x: middle, y: y + shownAt[0]! }, name, { anchor: 'middle', weight: 'bold' }),
    text({ x: middle, y: y + shownAt[1]! }, shape, { anchor: 'middle' }),
    ...(options === ''
      ? []
      : [text({ x: middle, y: y + 53 }, options, { anchor: 'middle', paint: 'muted' })]),
  ];
}
