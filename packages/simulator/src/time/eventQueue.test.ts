import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EventQueue } from './eventQueue.js';

/** Pushes (a number: the time) and pops (null) in turn, as a simulation does. */
const commands = fc.array(fc.option(fc.integer({ min: 0, max: 20 }), { freq: 2 }));

it('gives back what was pushed by time, and by turn where times are equal', () => {
  fc.assert(
    fc.property(commands, (script) => {
      const queue = new EventQueue();
      let waiting: { time: number; turn: number }[] = [];
      for (const [turn, time] of script.entries()) {
        if (time !== null) {
          const entry = { time, turn, happen: () => undefined };
          queue.push(time, entry);
          waiting = [...waiting, entry].sort((a, b) => a.time - b.time || a.turn - b.turn);
        } else if (waiting.length > 0) {
          expect(queue.nextTime).toBe(waiting[0]!.time);
          expect(queue.pop()).toBe(waiting.shift());
        }
        expect(queue.size).toBe(waiting.length);
      }
      while (waiting.length > 0) expect(queue.pop()).toBe(waiting.shift());
      expect(queue.nextTime).toBe(Number.POSITIVE_INFINITY);
    }),
  );
});
