import { type Audience, launch } from '../launch/launch.js';
import { eventRenderer } from '../terminal/events.js';
import { createRenderer, type Renderer } from '../terminal/renderer.js';
import { readSettings } from './readSettings.js';
import { Run } from './run.js';
import type { TrainSettings } from './settings.js';

/**
 * Begins to train, as `lockstep train` does: with workers in processes of their own, or (`workers: 0`) all in this one.
 *
 * ```ts
 * const run = train({ model: 'cnn', workers: 2 });
 * for await (const event of run) if (event.news === 'epoch') console.log(event.record.logs);
 * const { directory, record } = await run.result;
 * ```
 *
 * @returns at once; whatever is wrong with the settings, too, is what `result` rejects with
 */
export function train(settings: TrainSettings = {}): Run {
  const { signal, verbose } = settings;
  return new Run(async (emit) => {
    signal?.throwIfAborted();
    return launch(readSettings(settings), {
      createRenderer: (facts) => {
        const events = eventRenderer(emit);
        if (verbose === undefined) return events;
        return both(
          events,
          createRenderer({ stream: process.stdout, json: false, verbose, ...facts }),
        );
      },
      onStop: (ask) => followSignal(signal, () => ask('SIGINT')),
    });
  });
}

/** Whatever happened before there was a run to be stopped counts, too. */
function followSignal(
  signal: AbortSignal | undefined,
  ask: () => void,
): ReturnType<Audience['onStop']> {
  if (signal?.aborted) setImmediate(ask);
  signal?.addEventListener('abort', ask);
  return () => signal?.removeEventListener('abort', ask);
}

const both = (first: Renderer, second: Renderer): Renderer => ({
  listening(...told) {
    first.listening(...told);
    second.listening(...told);
  },
  news(news) {
    first.news(news);
    second.news(news);
  },
  end(...told) {
    first.end(...told);
    second.end(...told);
  },
});
