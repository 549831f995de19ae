import type { MetricSums } from '@lockstep/core/metrics';
import type { Header } from '@lockstep/core/protocol';
import type { LoadedModel } from './engine/engine.js';

type Cursor = NonNullable<Header<'ready'>['holds']>['cursor'];

/** Where a model stands that was trained here. */
export interface Progress {
  readonly cursor: Cursor;
  readonly learningRate: number;
  /** Of the epoch, over all ranks, as far as the coordinator has told. */
  readonly epochSums: MetricSums;
}

/** What a worker takes along when its coordinator dies: it may hold more than any checkpoint does. */
export interface Former {
  readonly welcome: Header<'welcome'>;
  readonly model: LoadedModel;
  /** Null: weights of which nothing is known. */
  readonly progress: Progress | null;
}

/** Follows a model through the steps of the present order. */
export class ProgressLog {
  constructor(private progress: Progress | null) {}

  get now(): Progress | null {
    return this.progress;
  }

  begin({ epoch, step, position, learningRate, epochSums }: Header<'train'>): void {
    this.progress = { cursor: { epoch, step, position }, learningRate, epochSums };
  }

  /** This rank has applied one more step. */
  applied(step: number, position: number): void {
    if (this.progress === null) return;
    const { epoch } = this.progress.cursor;
    this.progress = { ...this.progress, cursor: { epoch, step, position } };
  }

  /** What the coordinator counts after a step. */
  counted(epochSums: MetricSums): void {
    if (this.progress !== null) this.progress = { ...this.progress, epochSums };
  }

  /** Other weights were given. */
  forget(): void {
    this.progress = null;
  }
}

/** What `ready` says of a model that was brought along; null: nothing that could be gone on with. */
export async function holdsOf(
  progress: Progress | null,
  model: LoadedModel,
): Promise<Header<'ready'>['holds']> {
  if (progress === null) return null;
  const { iterations: updates } = (await model.readState()).optimizer;
  // Skipped steps update nothing; more updates than steps would be of a step that was not finished.
  return updates > progress.cursor.step ? null : { ...progress, updates };
}
