/** A column of a table: its title, and on which side its cells stand. */
export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** Letters; wider cells go on in the next line, wider words are cut. */
  readonly width: number;
}

/** A table in lines and corners, a rule between all rows, as Keras prints them. */
export function boxTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const rule = (left: string, dash: string, between: string, right: string): string =>
    left + columns.map(({ width }) => dash.repeat(width + 2)).join(between) + right;
  const row = (cells: readonly string[], bar: string): string => {
    const wrapped = cells.map((cell, index) => wrap(cell, columns[index]!.width));
    const height = Math.max(...wrapped.map((lines) => lines.length));
    return Array.from({ length: height }, (_none, line) => {
      const parts = columns.map(({ width, align }, index) => {
        const text = wrapped[index]![line] ?? '';
        return ` ${align === 'left' ? text.padEnd(width) : text.padStart(width)} `;
      });
      return bar + parts.join(bar) + bar;
    }).join('\n');
  };
  const titles = row(
    columns.map(({ title }) => title),
    '┃',
  );
  const body = rows.map((cells) => row(cells, '│')).join(`\n${rule('├', '─', '┼', '┤')}\n`);
  return [
    rule('┏', '━', '┳', '┓'),
    titles,
    rule('┡', '━', '╇', '┩'),
    ...(rows.length === 0 ? [] : [body]),
    rule('└', '─', '┴', '┘'),
  ].join('\n');
}

/** Between words; a word that is wider than the column is cut. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const fitting = word.length > width ? `${word.slice(0, width - 1)}…` : word;
    const longer = line === '' ? fitting : `${line} ${fitting}`;
    if (longer.length > width) lines.push(line);
    line = longer.length > width ? fitting : longer;
  }
  return [...lines, line];
}
