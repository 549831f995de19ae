import { formatBytes, type InstallProgress } from '@lockstep/tensorflow/install';
import { colorsOn } from '../failure.js';
import { bar } from './bar.js';
import { Screen, type TextStream } from './screen.js';

const redrawMs = 100;

/**
 * An installation as people see it: in a terminal a line that is drawn over and over, elsewhere a line for
 * each stage.
 */
export class InstallLine {
  readonly #screen: Screen;
  readonly #isTerminal: boolean;
  #stage: InstallProgress['stage'] | null = null;
  #drawnAt = Number.NEGATIVE_INFINITY;

  constructor(
    stream: TextStream,
    private readonly now: () => number = () => performance.now(),
    colors = colorsOn(stream),
  ) {
    this.#screen = new Screen(stream, colors);
    this.#isTerminal = stream.isTTY === true;
  }

  show(progress: InstallProgress): void {
    const { stage, what, done, total } = progress;
    const begins = stage !== this.#stage;
    if (begins) this.end();
    this.#stage = stage;
    if (stage === 'waiting') {
      if (begins) this.#screen.line(`Waiting for another installation (${what})`);
    } else if (!this.#isTerminal) {
      if (begins) this.#screen.line(`${verbs[stage]} ${formatBytes(total)}`);
    } else if (begins || done === total || this.now() - this.#drawnAt >= redrawMs) {
      this.#drawnAt = this.now();
      const cells = bar(done, total);
      const sizes = `${formatBytes(done)} of ${formatBytes(total)}`;
      this.#screen.draw(`${verbs[stage]} ${cells.done}${cells.rest} ${sizes} ${what}`);
    }
  }

  /** What is drawn stays. */
  end(): void {
    this.#screen.release();
    this.#stage = null;
  }
}

const verbs = { fetching: 'Fetching', checking: 'Checking', unpacking: 'Unpacking' } as const;
