import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { defectIn } from '../defect.js';
import type { HdfGroup } from './tree.js';

/** What the thread says of a file: all of it, or why it cannot be read. */
export type Answer = { readonly root: HdfGroup } | { readonly reason: string };

/** Threads that have read a file and can read another: one takes half a second to start. */
const idle: Worker[] = [];

/**
 * All of an HDF5 file. The library is C, and not made for damaged files: some of them it goes round in for ever, or
 * writes where it must not. It therefore has a thread of its own, which is given up where it does not end in time.
 *
 * @param file for messages
 * @param deadlineMs many times what it takes: 10 s, and another one for each 10 MB
 * @throws MODEL_FILE where the file is cut short, damaged, or no HDF5
 */
export async function readHdf5(
  bytes: Uint8Array,
  file: string,
  deadlineMs = 10_000 + Math.ceil(bytes.length / 10_000),
): Promise<HdfGroup> {
  const thread = idle.pop() ?? startThread();
  const answer = await answerOf(thread, bytes, deadlineMs).catch(async (cause: Error) => {
    await thread.terminate();
    throw defectIn(file, `is no whole HDF5 file: ${whyNone(cause)}`, undefined, cause);
  });
  thread.unref();
  idle.push(thread);
  if ('root' in answer) return answer.root;
  throw defectIn(file, `is no whole HDF5 file: ${answer.reason}`);
}

function startThread(): Worker {
  // What the library prints on failing is for those who debug it.
  const quiet = { stdout: true, stderr: true };
  return new Worker(new URL('./thread.js', import.meta.url), { execArgv: [], ...quiet });
}

async function answerOf(thread: Worker, bytes: Uint8Array, deadlineMs: number): Promise<Answer> {
  thread.ref();
  const signal = AbortSignal.timeout(deadlineMs);
  const answered = once(thread, 'message', { signal });
  thread.postMessage(bytes);
  const [answer] = await answered;
  return answer;
}

function whyNone({ name, message }: Error): string {
  return name === 'AbortError' ? 'there is no end to reading it' : `the library fails (${message})`;
}
