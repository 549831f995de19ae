import { stepCount } from '@lockstep/core/data';
import type { Logs } from '@lockstep/core/metrics';
import { colorsOn } from '../failure.js';
import { bar, stepOf } from './bar.js';
import { formatDuration, formatLogs, formatStepTime } from './format.js';
import { Screen, type TextStream } from './screen.js';

const redrawMs = 100;

/** Keras's line of an evaluation; in a terminal it is drawn while the samples are gone through. */
export class EvaluationLine {
  readonly #screen: Screen;
  readonly #begunAt: number;
  readonly #steps: number;
  #drawnAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly stream: TextStream,
    size: number,
    private readonly batchSize: number,
    private readonly now: () => number = () => performance.now(),
    colors = colorsOn(stream),
  ) {
    this.#screen = new Screen(stream, colors);
    this.#begunAt = now();
    this.#steps = stepCount(size, batchSize);
  }

  /** @param position samples gone through */
  step(position: number, logs: Logs): void {
    const now = this.now();
    if (this.stream.isTTY !== true || now - this.#drawnAt < redrawMs) return;
    this.#drawnAt = now;
    const done = stepCount(position, this.batchSize);
    const stepMs = (now - this.#begunAt) / done;
    this.#screen.draw(this.#lineAt(done, (this.#steps - done) * stepMs, stepMs, logs));
  }

  end(logs: Logs): void {
    const elapsed = this.now() - this.#begunAt;
    const text = this.#lineAt(this.#steps, elapsed, elapsed / this.#steps, logs);
    if (this.stream.isTTY === true) this.#screen.finish(text);
    else this.#screen.line(text);
  }

  #lineAt(done: number, duration: number, stepMs: number, logs: Logs): string {
    const cells = bar(done, this.#steps);
    const times = `${formatDuration(duration)} ${formatStepTime(stepMs)}`;
    return `${stepOf(done, this.#steps)} ${cells.done}${cells.rest} ${times} - ${formatLogs(logs)}`;
  }
}
