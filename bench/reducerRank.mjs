// One rank of an all-reduce that bench/collectives.mjs measures. It says its version and where it can be reached,
// then does as it is told, a line of JSON for each line of JSON:
//
//   {"do":"prepare","length":N,...}   makes ready for arrays of that length, and proves that the sums are right
//   {"do":"measure","operations":K}   milliseconds of each operation
//   {"do":"release"}                  gives it all back
//
// Before each operation all ranks meet, in a small operation of the same algorithm: nobody's operation has to wait
// for one who came late.
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { Pattern } from './support/pattern.mjs';
import { openReducers } from './support/reducers.mjs';

/** Proven, and not counted. */
const warmUpOperations = 3;
/** Elements. */
const meetingLength = 16;

const { values: options } = parseArgs({
  options: {
    algorithm: { type: 'string' },
    rank: { type: 'string' },
    ranks: { type: 'string' },
    host: { type: 'string', default: '127.0.0.1' },
  },
});
const [rank, ranks] = [Number(options.rank), Number(options.ranks)];

try {
  await serve();
} catch (error) {
  console.error(error.message);
  // Connections would keep it alive, and the others waiting.
  process.exit(1);
}

async function serve() {
  const pattern = new Pattern(rank, ranks);
  const reducers = await openReducers(options.algorithm, { rank, ranks, host: options.host });
  let [reducer, meeting, length, operation] = [null, null, 0, 0];

  const run = async (count, proven) => {
    const times = [];
    for (let i = 0; i < count; i++, operation++) {
      pattern.fill(reducer.input(), operation);
      await meeting.allReduce();
      const begin = performance.now();
      const result = await reducer.allReduce();
      times.push(performance.now() - begin);
      if (proven || i === count - 1) pattern.check(result, length, operation);
    }
    return times;
  };
  const orders = {
    prepare: async (order) => {
      length = order.length;
      reducer = await reducers.create(length, order);
      meeting = await reducers.create(meetingLength, order);
      return await run(warmUpOperations, true);
    },
    measure: ({ operations }) => run(operations, false),
    release: async () => {
      await reducer.close();
      await meeting.close();
    },
  };

  print({
    ready: options.algorithm,
    version: `Node ${process.version}`,
    address: reducers.address,
  });
  for await (const line of createInterface({ input: process.stdin })) {
    const order = JSON.parse(line);
    print({ milliseconds: (await orders[order.do](order)) ?? [] });
  }
  await reducers.close();
}

function print(line) {
  console.log(JSON.stringify(line));
}
