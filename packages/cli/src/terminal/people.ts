import { join } from 'node:path';
import type { LogTail, News, Outcome, RunRecord } from '@lockstep/coordinator';
import { stepCount } from '@lockstep/core/data';
import pc from 'picocolors';
import { colorsOn, formatFailure } from '../failure.js';
import { allReduceLine } from './allReduceLine.js';
import { bar, stepOf } from './bar.js';
import { breakdownTable, stragglerLines } from './breakdown.js';
import { EpochClock } from './epochClock.js';
import { counted, formatCount, formatDuration, formatLogs, formatStepTime } from './format.js';
import type { Renderer, RendererOptions } from './renderer.js';
import { Screen } from './screen.js';

/** The progress bar is drawn at most so often. */
const redrawMs = 100;

/** What people see: Keras's progress bar for the whole cluster, or whole lines where there is no terminal. */
export function peopleRenderer(options: RendererOptions): Renderer {
  return new PeopleRenderer(options);
}

class PeopleRenderer implements Renderer {
  readonly #colors: ReturnType<typeof pc.createColors>;
  readonly #screen: Screen;
  readonly #clock: EpochClock;
  readonly #stepsPerEpoch: number;
  readonly #withBar: boolean;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #workers = 0;

  constructor(private readonly options: RendererOptions) {
    const { stream, colors, now, trainSize, batchSize, verbose } = options;
    this.#colors = pc.createColors(colors);
    this.#screen = new Screen(stream, colors);
    this.#clock = new EpochClock(now);
    this.#stepsPerEpoch = stepCount(trainSize, batchSize);
    this.#withBar = stream.isTTY === true && verbose === 1;
  }

  listening(
    address: string,
    { workers, precision }: Parameters<Renderer['listening']>[1],
    localWorkers: number,
  ): void {
    const training = precision === 'float32' ? '' : `, training in ${precision}`;
    if (localWorkers > 0) {
      this.#say(
        1,
        `Coordinator at ${address} with ${counted(localWorkers, 'local worker')}${training}`,
      );
      return;
    }
    // Even when quiet: without the address no worker can be started.
    this.#say(
      0,
      `Listening at ${address} for ${counted(workers, 'worker')}${training}; start each with`,
    );
    this.#say(0, `  lockstep worker --connect ${address}`);
  }

  news(news: News): void {
    switch (news.news) {
      case 'waiting':
        this.#workers = news.workers;
        break;
      case 'joined': {
        const { host, pid, device } = news.member;
        const count = `${news.joined} of ${this.#workers}`;
        this.#say(1, `Worker joined (${count}): ${host}, pid ${pid}, engine ${device}`);
        break;
      }
      case 'refused':
        this.#warn(`refused a worker: ${news.code}: ${news.message}`);
        break;
      case 'warning':
        this.#warn(news.message);
        break;
      case 'started': {
        const { step, epoch } = news.cursor;
        if (step > 0) this.#say(1, `Going on after step ${step}, in epoch ${epoch + 1}`);
        break;
      }
      case 'rejoining':
        this.#say(
          0,
          `Waiting for workers: ${news.left} of at least ${news.least} are left (${news.timeoutMs / 1000} s)`,
        );
        break;
      case 'skipped':
        this.#say(0, `Step ${news.step} was skipped: NaN or infinity on ${news.by}`);
        break;
      case 'reloaded':
        this.#say(0, `Going back to step ${news.cursor.step} (${news.file}): ${news.why}`);
        break;
      case 'regrouped': {
        const workers = counted(news.members.length, 'worker');
        this.#say(0, `Going on after step ${news.cursor.step} with ${workers}: ${news.why}`);
        break;
      }
      case 'training': {
        const { epochs } = this.options;
        const begins = this.#clock.beginStretch(news);
        if (begins && this.#withBar) this.#say(1, `Epoch ${news.cursor.epoch + 1}/${epochs}`);
        break;
      }
      case 'step':
        this.#clock.step(news.samples);
        this.#drawStep(news);
        break;
      case 'logged':
        this.#say(
          1,
          `Step ${news.step}: ${formatLogs(news.logs)} (training batch, without dropout)`,
        );
        break;
      case 'epoch':
        this.#endEpoch(news);
        break;
      case 'saved':
        this.#say(2, `Saved ${news.file} after step ${news.step}`);
        break;
      case 'message':
      case 'stopping':
        this.#say(0, news.message);
        break;
      case 'linked':
        // In a world of one there is nothing to average.
        if (news.collective !== 'single') this.#say(1, allReduceLine(news));
        break;
      case 'evaluating':
      case 'tested':
      case 'hash':
        break;
      default:
        news satisfies never;
    }
  }

  end(outcome: Outcome, record: Readonly<RunRecord>, directory: string): void {
    this.#screen.release();
    const { stoppedBy, message, code, hint } = outcome;
    if (stoppedBy === 'early-stop' || stoppedBy === 'signal') this.#say(0, message);
    if (record.test !== null) this.#say(0, `Test: ${formatLogs(record.test)}`);
    if (record.imagesPerSecond !== null) {
      const rate = formatCount(record.imagesPerSecond);
      const workers = counted(record.worldSize, 'worker');
      const type = record.config.precision?.value ?? 'float32';
      const precision = type === 'float32' ? '' : ` in ${type}`;
      this.#say(
        0,
        `${rate} images/s with ${workers} on engine ${record.devices.join(', ')}${precision}`,
      );
    }
    for (const line of breakdownTable(record.breakdown)) this.#say(1, line);
    for (const line of stragglerLines(record)) this.#warn(line);
    this.#say(0, `Run: ${directory}`);
    if (stoppedBy === 'error') {
      const { errors } = this.options;
      const failure = { code: code ?? 'INTERNAL', message, hint };
      errors.write(formatFailure(failure, { json: false, colors: colorsOn(errors) }));
      for (const line of logTail(record.error?.logs ?? [])) errors.write(`${line}\n`);
      errors.write(`${lastCheckpoint(record, directory)}\n`);
    } else if (stoppedBy === 'signal') {
      this.#say(0, lastCheckpoint(record, directory));
    }
  }

  reported(file: string): void {
    this.#say(0, `Report: ${file}`);
  }

  /** Only what is at most as loud as the user wants it. */
  #say(verbose: 0 | 1 | 2, text: string): void {
    if (this.options.verbose >= verbose) this.#screen.line(text);
  }

  #warn(text: string): void {
    this.#say(0, this.#colors.yellow(`warning: ${text}`));
  }

  #drawStep({ cursor, logs }: Extract<News, { news: 'step' }>): void {
    if (!this.#withBar) return;
    const { batchSize, trainSize, now } = this.options;
    const isLast = cursor.position >= trainSize;
    if (!isLast && now() - this.#drawnAt < redrawMs) return;
    this.#drawnAt = now();
    const done = stepCount(cursor.position, batchSize);
    const remaining = formatDuration((this.#stepsPerEpoch - done) * this.#clock.stepMs);
    const speed = `${formatCount(this.#clock.imagesPerSecond)} images/s`;
    const times = `${remaining} ${formatStepTime(this.#clock.stepMs)}`;
    this.#screen.draw(`${this.#barAt(done)} ${times} - ${speed} - ${formatLogs(logs)}`);
  }

  #endEpoch({ record, steps }: Extract<News, { news: 'epoch' }>): void {
    const { epochs, verbose } = this.options;
    const logs = formatLogs(record.logs);
    const total = formatDuration(this.#clock.elapsedMs);
    const step = formatStepTime(this.#clock.stepMs);
    if (this.#withBar) {
      this.#screen.finish(`${this.#barAt(steps)} ${total} ${step} - ${logs}`);
    } else if (verbose > 0) {
      const speed = `${formatCount(this.#clock.imagesPerSecond)} images/s`;
      const epoch = `Epoch ${record.epoch + 1}/${epochs}`;
      this.#screen.line([epoch, total, step, speed, logs].join(' - '));
    }
  }

  #barAt(done: number): string {
    const cells = bar(done, this.#stepsPerEpoch);
    return `${stepOf(done, this.#stepsPerEpoch)} ${cells.done}${cells.rest}`;
  }
}

function lastCheckpoint({ checkpoint }: Readonly<RunRecord>, directory: string): string {
  if (checkpoint === null) return 'No checkpoint was saved.';
  const file = join(directory, checkpoint);
  return `Last checkpoint: ${file}; go on with: lockstep train --resume ${directory}`;
}

/** How the logs of those end without which the run could not go on. */
const logTail = (logs: readonly LogTail[]): string[] =>
  logs.flatMap(({ file, lines }) =>
    lines.length === 0 ? [] : [`${file} ends with:`, ...lines.map((line) => `  ${line}`)],
  );
