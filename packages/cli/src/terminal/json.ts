import { eventRenderer } from './events.js';
import type { Renderer } from './renderer.js';
import type { TextStream } from './screen.js';

/** One JSON object per line and event. */
export const jsonRenderer = (stream: TextStream): Renderer =>
  eventRenderer((event) => {
    // What each rank did in each step is in run.json, in the mean, and with --profile all of it.
    const told = event.news === 'step' ? { ...event, times: undefined } : event;
    stream.write(`${JSON.stringify(told)}\n`);
  });
