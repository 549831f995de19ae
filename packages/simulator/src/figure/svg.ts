/** A piece of SVG. */
export type Element = string;

type Point = readonly [number, number];

/** @param title read out by screen readers */
export function svg(
  { width, height }: { width: number; height: number },
  title: string,
  elements: readonly Element[],
): string {
  const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Helvetica, Arial, sans-serif" font-size="12">`;
  return `${[head, `<title>${escaped(title)}</title>`, ...elements, '</svg>'].join('\n')}\n`;
}

export function rectangle(
  { x, y, width, height }: { x: number; y: number; width: number; height: number },
  color: string,
): Element {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${color}"/>`;
}

export function line([x1, y1]: Point, [x2, y2]: Point, color: string): Element {
  return `<line x1="${short(x1)}" y1="${short(y1)}" x2="${short(x2)}" y2="${short(y2)}" stroke="${color}"/>`;
}

export function polyline(points: readonly Point[], color: string, isDashed: boolean): Element {
  const places = points.map(([x, y]) => `${short(x)},${short(y)}`).join(' ');
  const dashes = isDashed ? ' stroke-dasharray="6 4"' : '';
  return `<polyline points="${places}" fill="none" stroke="${color}" stroke-width="2"${dashes}/>`;
}

/** @param isRinged in white, so that it stands out where it lies on a line */
export function circle([x, y]: Point, radius: number, color: string, isRinged: boolean): Element {
  const ring = isRinged ? ' stroke="#ffffff" stroke-width="1.5"' : '';
  return `<circle cx="${short(x)}" cy="${short(y)}" r="${radius}" fill="${color}"${ring}/>`;
}

interface TextStyle {
  readonly color: string;
  readonly size?: number;
  readonly anchor?: 'middle' | 'end';
  readonly weight?: 'bold';
}

/** @param place of the text's line; `turned`: from bottom to top */
export function text(
  { x, y, turned = false }: { x: number; y: number; turned?: boolean },
  content: string,
  { color, size, anchor, weight }: TextStyle,
): Element {
  const attributes = [
    `x="${short(x)}" y="${short(y)}" fill="${color}"`,
    turned ? `transform="rotate(-90 ${short(x)} ${short(y)})"` : '',
    size === undefined ? '' : `font-size="${size}"`,
    anchor === undefined ? '' : `text-anchor="${anchor}"`,
    weight === undefined ? '' : `font-weight="${weight}"`,
  ];
  return `<text ${attributes.filter((each) => each !== '').join(' ')}>${escaped(content)}</text>`;
}

/** A hundredth of a pixel is enough, and keeps the files small. */
const short = (value: number): string => String(Number(value.toFixed(2)));

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

const escaped = (content: string): string => content.replace(/[&<>"]/g, (sign) => escapes[sign]!);
