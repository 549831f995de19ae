import pc from 'picocolors';

/** stdout, or something like it. */
export interface TextStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Width of the terminal; it may change while we write. */
  readonly columns?: number;
}

const toLineStart = '\r';
const clearLine = '\u001b[K';
const usualColumns = 80;

/** Whole lines, and in a terminal one line at the bottom that is drawn over and over. */
export class Screen {
  /** Colors the bar of a line, after the line was cut to the width of the terminal. */
  readonly #paint: (line: string) => string;
  #drawn: string | null = null;

  constructor(
    private readonly stream: TextStream,
    colors: boolean,
  ) {
    const { green } = pc.createColors(colors);
    this.#paint = (line) => line.replace(/━+/, green);
  }

  /** A line that stays, above the one that is drawn. */
  line(text: string): void {
    if (this.#drawn === null) {
      this.stream.write(`${text}\n`);
      return;
    }
    this.stream.write(`${toLineStart}${clearLine}${text}\n${this.#drawn}`);
  }

  draw(text: string): void {
    this.#drawn = this.#fit(text);
    this.stream.write(`${toLineStart}${this.#drawn}${clearLine}`);
  }

  /** The drawn line stays as this text, whole, even where it takes more than one line. */
  finish(text: string): void {
    this.stream.write(`${toLineStart}${clearLine}${this.#paint(text)}\n`);
    this.#drawn = null;
  }

  /** The drawn line stays as it is. */
  release(): void {
    if (this.#drawn !== null) this.stream.write('\n');
    this.#drawn = null;
  }

  /** One column stays free: some terminals go to the next line when the last one is written. */
  #fit(text: string): string {
    return this.#paint(text.slice(0, (this.stream.columns ?? usualColumns) - 1));
  }
}
