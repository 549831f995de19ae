import { expect, test } from 'vitest';
import { Turns } from './turns.mjs';

/** Runs epochs as the coordinator does, until the callback has had enough. */
async function run(orders, { stepsOfEpoch, stepMs }) {
  let clock = 0;
  const answers = [];
  const turns = new Turns({
    orders: orders.map((order) => ({ ...order, stepsOfEpoch }))[Symbol.iterator](),
    answer: (line) => answers.push({ ...line }),
    now: () => clock,
  });
  let epochs = 0;
  for (;;) {
    if ((await turns.onEpochBegin())?.stop) return { answers, epochs };
    clock += stepsOfEpoch * stepMs;
    turns.onEpochEnd();
    epochs += 1;
    clock += 1000; // What happens between epochs takes its time, and is not counted.
  }
}

test('the first epoch warms up, and then each order takes whole epochs', async () => {
  const orders = [
    { do: 'measure', seconds: 0.1 },
    { do: 'measure', seconds: 0.01 },
  ];
  const { answers, epochs } = await run(orders, { stepsOfEpoch: 9, stepMs: 10 });
  expect(answers).toEqual([
    { ready: 'cluster' },
    { steps: 18, milliseconds: 180 },
    { steps: 9, milliseconds: 90 },
  ]);
  expect(epochs).toBe(4);
});

test('steps are counted from the beginning', async () => {
  const orders = [
    { do: 'run', until: 10 },
    { do: 'run', until: 30 },
  ];
  const { answers } = await run(orders, { stepsOfEpoch: 10, stepMs: 1 });
  // The first epoch has brought ten of them.
  expect(answers).toEqual([{ ready: 'cluster' }, { steps: 10 }, { steps: 30 }]);
});
