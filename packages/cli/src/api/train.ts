import type { Audience } from '../launch/conduct.js';
import { launch } from '../launch/launch.js';
import { reportAtEnd } from '../launch/reportAtEnd.js';
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
    let render = eventRenderer(emit);
    const finished = await launch(readSettings(settings), {
      createRenderer: (facts) => {
        if (verbose === undefined) return render;
        const shown = createRenderer({ stream: process.stdout, json: false, verbose, ...facts });
        render = both(render, shown);
        return render;
      },
      onStop: (ask) => followSignal(signal, () => ask('SIGINT')),
    });
    await reportAtEnd(finished, render);
    return finished;
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
  reported(file) {
    first.reported(file);
    second.reported(file);
  },
});
