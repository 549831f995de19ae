/** What a picture lies on. `auto`: what the reader's system asks for; light where it cannot be asked, as in PNG. */
export type Theme = 'auto' | 'light' | 'dark';

/** What a colour is for; a theme says which it is. A hexadecimal colour stays what it is. */
export type Paint =
  | 'paper'
  | 'panel'
  | 'ink'
  | 'muted'
  | 'faint'
  | 'wrong'
  | SeriesPaint
  | `#${string}`;

type SeriesPaint = (typeof seriesPaints)[number];

/** Colours of lines and points that must be told apart, by those who see colours in another way, too. */
export const seriesPaints = [
  'series-0',
  'series-1',
  'series-2',
  'series-3',
  'series-4',
  'series-5',
  'series-6',
] as const;

type Palette = Readonly<Record<Exclude<Paint, `#${string}`>, string>>;

/** Series: Okabe and Ito 2002, "Color Universal Design". */
const light: Palette = {
  paper: '#ffffff',
  panel: '#f1f4f8',
  ink: '#1c2430',
  muted: '#566070',
  faint: '#dde2e8',
  wrong: '#b34700',
  'series-0': '#0072b2',
  'series-1': '#d55e00',
  'series-2': '#009e73',
  'series-3': '#cc79a7',
  'series-4': '#e69f00',
  'series-5': '#56b4e9',
  'series-6': '#000000',
};

/** The same hues, as bright as a dark ground needs them. */
const dark: Palette = {
  paper: '#14181f',
  panel: '#1f2630',
  ink: '#e8ecf1',
  muted: '#a3adba',
  faint: '#333c48',
  wrong: '#ff9d4d',
  'series-0': '#56b4e9',
  'series-1': '#ff8c3b',
  'series-2': '#2fc79a',
  'series-3': '#e58fc0',
  'series-4': '#f0c83c',
  'series-5': '#8fb4ff',
  'series-6': '#ffffff',
};

export const paletteOf = (theme: 'light' | 'dark'): Palette => (theme === 'dark' ? dark : light);

/** The style sheet of a picture; `paint` makes the names that it gives colours to. */
export function styleOf(theme: Theme): string {
  if (theme !== 'auto') return rulesOf(paletteOf(theme));
  return `${rulesOf(light)}\n@media (prefers-color-scheme: dark) {\n${rulesOf(dark)}\n}`;
}

function rulesOf(palette: Palette): string {
  return Object.entries(palette)
    .map(([name, color]) => `.fill-${name}{fill:${color}}.stroke-${name}{stroke:${color}}`)
    .join('\n');
}

/** The attributes that fill a shape, or draw its line: the last word on it, after the other's. */
export function painted(how: { readonly fill?: Paint; readonly stroke?: Paint }): string {
  const given = [['fill', how.fill] as const, ['stroke', how.stroke] as const].filter(
    ([, paint]) => paint !== undefined,
  );
  const names = given.filter(([, paint]) => !isHexadecimal(paint!));
  const colors = given.filter(([, paint]) => isHexadecimal(paint!));
  const attributes = colors.map(([kind, paint]) => `${kind}="${paint}"`);
  if (names.length > 0) {
    attributes.unshift(`class="${names.map(([kind, paint]) => `${kind}-${paint}`).join(' ')}"`);
  }
  return attributes.join(' ');
}

const isHexadecimal = (paint: Paint): boolean => paint.startsWith('#');
