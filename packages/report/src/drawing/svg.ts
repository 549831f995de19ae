import { type Paint, painted, styleOf, type Theme } from './theme.js';

/** A piece of SVG. */
export type Element = string;

export type Point = readonly [number, number];

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A picture that has no ground and no colours yet. */
export interface Drawing {
  /** Read out by screen readers. */
  readonly title: string;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly elements: readonly Element[];
}

/** A face that is there on each system, and the widest of them last: widths are reckoned for that one. */
export const fonts =
  "system-ui, 'Segoe UI', Roboto, Helvetica, Arial, 'Noto Sans', 'DejaVu Sans', sans-serif";

/** The text of an SVG file. */
export function renderSvg({ title, width, height, elements }: Drawing, theme: Theme): string {
  const [w, h] = [Math.ceil(width), Math.ceil(height)];
  const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img" font-family="${fonts}" font-size="${fontSize}">`;
  const ground = rectangle({ x: 0, y: 0, width: w, height: h }, 'paper');
  const parts = [
    head,
    `<title>${escaped(title)}</title>`,
    `<style>\n${styleOf(theme)}\n</style>`,
    ground,
    ...elements,
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

/** Pixels, unless a text says otherwise. */
export const fontSize = 12;

interface RectangleStyle {
  readonly radius?: number;
  /** From 0 to 1. */
  readonly opacity?: number;
  readonly stroke?: Paint;
  /** What a mouse that rests on it is told. */
  readonly hint?: string;
}

export function rectangle(
  { x, y, width, height }: Box,
  fill: Paint,
  { radius = 0, opacity = 1, stroke, hint }: RectangleStyle = {},
): Element {
  const round = radius === 0 ? '' : ` rx="${radius}"`;
  const sheer = opacity === 1 ? '' : ` fill-opacity="${short(opacity)}"`;
  const paint = painted({ fill, ...(stroke === undefined ? {} : { stroke }) });
  const shape = `<rect x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}"${round}${sheer} ${paint}`;
  return closed(shape, 'rect', hint);
}

/** A ring around a box, in a line of so many pixels. */
export function outline({ x, y, width, height }: Box, stroke: Paint, lineWidth = 1): Element {
  return `<rect x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}" fill="none" stroke-width="${lineWidth}" ${painted({ stroke })}/>`;
}

export function line([x1, y1]: Point, [x2, y2]: Point, stroke: Paint): Element {
  return `<line x1="${short(x1)}" y1="${short(y1)}" x2="${short(x2)}" y2="${short(y2)}" ${painted({ stroke })}/>`;
}

export function polyline(points: readonly Point[], stroke: Paint, isDashed: boolean): Element {
  const places = points.map(([x, y]) => `${short(x)},${short(y)}`).join(' ');
  const dashes = isDashed ? ' stroke-dasharray="6 4"' : '';
  return `<polyline points="${places}" fill="none" stroke-width="2" stroke-linejoin="round"${dashes} ${painted({ stroke })}/>`;
}

/** A filled shape with straight sides. */
export function polygon(
  points: readonly Point[],
  fill: Paint,
  { isRinged = false, hint }: MarkStyle = {},
): Element {
  const places = points.map(([x, y]) => `${short(x)},${short(y)}`).join(' ');
  return closed(`<polygon points="${places}" ${markPaint(fill, isRinged)}`, 'polygon', hint);
}

export function circle(
  [x, y]: Point,
  radius: number,
  fill: Paint,
  { isRinged = false, hint }: MarkStyle = {},
): Element {
  const shape = `<circle cx="${short(x)}" cy="${short(y)}" r="${radius}" ${markPaint(fill, isRinged)}`;
  return closed(shape, 'circle', hint);
}

interface MarkStyle {
  /** In the ground's colour, so that it stands out where it lies on a line. */
  readonly isRinged?: boolean;
  /** What a mouse that rests on it is told. */
  readonly hint?: string;
}

function markPaint(fill: Paint, isRinged: boolean): string {
  return isRinged ? `stroke-width="1.5" ${painted({ fill, stroke: 'paper' })}` : painted({ fill });
}

interface TextStyle {
  readonly paint?: Paint;
  readonly size?: number;
  readonly anchor?: 'middle' | 'end';
  readonly weight?: 'bold';
}

/** @param place of the text's line; `turned`: from bottom to top */
export function text(
  { x, y, turned = false }: { x: number; y: number; turned?: boolean },
  content: string,
  { paint = 'ink', size, anchor, weight }: TextStyle = {},
): Element {
  const attributes = [
    `x="${short(x)}" y="${short(y)}"`,
    painted({ fill: paint }),
    turned ? `transform="rotate(-90 ${short(x)} ${short(y)})"` : '',
    size === undefined ? '' : `font-size="${size}"`,
    anchor === undefined ? '' : `text-anchor="${anchor}"`,
    weight === undefined ? '' : `font-weight="${weight}"`,
  ];
  return `<text ${attributes.filter((each) => each !== '').join(' ')}>${escaped(content)}</text>`;
}

/** A picture within the picture; its pixels stay squares, however large it is shown. */
export function image({ x, y, width, height }: Box, dataUri: string): Element {
  return `<image x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}" preserveAspectRatio="none" style="image-rendering:pixelated" href="${dataUri}"/>`;
}

/** Pixels that a text takes at most: nobody can ask an SVG's reader which face it has. */
export function textWidth(content: string, size = fontSize): number {
  return content.length * size * 0.62;
}

function closed(shape: string, tag: string, hint: string | undefined): Element {
  return hint === undefined ? `${shape}/>` : `${shape}><title>${escaped(hint)}</title></${tag}>`;
}

/** A hundredth of a pixel is enough, and keeps the files small. */
const short = (value: number): string => String(Number(value.toFixed(2)));

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Text as SVG and HTML take it. */
export const escaped = (content: string): string =>
  content.replace(/[&<>"]/g, (sign) => escapes[sign]!);
