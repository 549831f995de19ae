import { join } from 'node:path';
import { metricsOf, type News, Profile, RunRecorder } from '@lockstep/coordinator';
import type { Renderer } from '../terminal/renderer.js';
import { version } from '../version.js';
import type { PlannedRun } from './plannedRun.js';
import type { ResumedRun } from './resume.js';
import type { RunDirectory } from './runDirectory.js';

/** All who keep or show what happens in a run: its record, its profile, and whoever started it. */
export class Telling {
  readonly #warned = new Set<string>();
  readonly #profile: Profile | null;

  private constructor(
    { runId, options: { profile } }: PlannedRun,
    { path }: RunDirectory,
    readonly recorder: RunRecorder,
    private readonly render: Renderer,
  ) {
    const file = join(path, 'profile.json');
    this.#profile = profile ? new Profile(file, runId, ({ message }) => this.warn(message)) : null;
  }

  /** @throws RUN_DIRECTORY where run.json cannot be written */
  static async begin(run: PlannedRun, directory: RunDirectory, render: Renderer): Promise<Telling> {
    const { runId, sources: config, resumed } = run;
    const recorder = new RunRecorder({
      directory: directory.path,
      runId,
      version,
      config,
      resumed: resumed && progressOf(resumed),
    });
    await recorder.begin();
    return new Telling(run, directory, recorder, render);
  }

  readonly tell = (news: News): void => {
    this.recorder.observe(news);
    this.#profile?.observe(news);
    this.render.news(news);
  };

  /** Says the same only once: workers on one machine have the same troubles. */
  readonly warn = (message: string): void => {
    if (!this.#warned.has(message)) this.tell({ news: 'warning', message });
    this.#warned.add(message);
  };

  /** The profile is written to its end; the record has an end of its own, with the outcome. */
  async close(): Promise<void> {
    await this.#profile?.close();
  }
}

/** How far a run had come when its checkpoint was written. */
function progressOf({ checkpoint, file }: ResumedRun) {
  const { cursor, history, weightsSha256, worldSize } = checkpoint.header;
  return {
    epochs: cursor.epoch,
    steps: cursor.step,
    metrics: metricsOf(history.at(-1)?.logs),
    weightsSha256,
    worldSize,
    checkpoint: `checkpoints/${file.split(/[\\/]/).at(-1)}`,
  };
}
