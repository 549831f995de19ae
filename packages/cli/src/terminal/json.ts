import type { Renderer } from './renderer.js';
import type { TextStream } from './screen.js';

/** One JSON object per line and event: the news as the coordinator tells them, between two of our own. */
export function jsonRenderer(stream: TextStream): Renderer {
  const write = (event: object): unknown => stream.write(`${JSON.stringify(event)}\n`);
  return {
    listening: (address, { workers, precision }, localWorkers) =>
      write({ news: 'listening', address, workers, precision, localWorkers }),
    // What each rank did in each step is in run.json, in the mean, and with --profile all of it.
    news: (news) => write(news.news === 'step' ? { ...news, times: undefined } : news),
    end: (outcome, record, directory) => write({ news: 'ended', outcome, directory, record }),
    reported: (file) => write({ news: 'reported', file }),
  };
}
