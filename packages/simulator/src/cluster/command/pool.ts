import { Worker } from 'node:worker_threads';
import type { Done, Task } from './messages.js';

/** Seeds that a thread gets at a time. */
const portion = 20;

/**
 * Runs seeds in threads, each of which takes the next ones when it has done some.
 *
 * @param heard gets what comes back; says whether to go on
 */
export async function runInThreads(
  { first, count, threads }: Task & { readonly threads: number },
  heard: (done: Done, seeds: number) => boolean,
): Promise<void> {
  const end = first + count;
  let next = first;
  let isOver = false;
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('./thread.js', import.meta.url));
    try {
      while (next < end && !isOver) {
        const task: Task = { first: next, count: Math.min(portion, end - next) };
        next += task.count;
        const done = await answer(worker, task);
        if (!heard(done, task.count)) isOver = true;
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: threads }, work));
}

const answer = (worker: Worker, task: Task): Promise<Done> =>
  new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (done: Done) => {
      worker.off('error', reject);
      resolve(done);
    });
    worker.postMessage(task);
  });
