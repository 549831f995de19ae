// A callback for `lockstep coordinator` that makes a whole cluster one of the programs that are compared: it trains
// when it is told to, a line of JSON for each line of JSON, and waits for the next one at the end of an epoch.
//
//   {"do":"measure","seconds":S,"stepsOfEpoch":K}   trains for about that long; {"steps":...,"milliseconds":...}
//   {"do":"run","until":N,"stepsOfEpoch":K}         trains until N steps are done, those of the first epoch included;
//                                                   {"steps":N}
import { createInterface } from 'node:readline';
import { Turns } from './support/turns.mjs';

/** Orders come from the standard input, answers go to the standard output; when the input ends, so does the run. */
export default function fromStandardInput() {
  const lines = createInterface({ input: process.stdin });
  return new Turns({
    // Listened to from now on: orders may come before they are asked for.
    orders: parsed(lines[Symbol.asyncIterator]()),
    answer: (line) => console.log(JSON.stringify(line)),
    now: () => performance.now(),
  });
}

function parsed(lines) {
  return {
    async next() {
      const { value, done } = await lines.next();
      return done ? { done } : { value: JSON.parse(value), done };
    },
  };
}
