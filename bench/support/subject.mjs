// A program that is measured: it gets ready, then measures once for each line it is sent, until its input ends.
// bench/ours.mjs and the scripts in bench/peers are such programs.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { repositoryRoot } from './paths.mjs';

const patienceSeconds = 300;
const farewellSeconds = 10;

/**
 * Starts it and waits until it is warmed up.
 *
 * @returns name and version, as it says itself, `measure()` and `stop()`
 * @throws Error with the last thing it said, where it does not get ready
 */
export async function startSubject(command, args) {
  const child = spawn(command, args, {
    cwd: repositoryRoot,
    env: { TF_CPP_MIN_LOG_LEVEL: '3', ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  const exit = new Promise((resolve) => child.once('close', resolve));
  let lastWords = '';
  child.once('error', (error) => {
    lastWords = error.message;
  });
  child.stderr.on('data', (text) => {
    lastWords = `${lastWords}${text}`.slice(-4000);
  });
  child.stdin.on('error', () => {}); // It has ended: the next line to be read says so.
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  async function nextLine() {
    const { value, done } = await within(patienceSeconds, lines.next(), () =>
      child.kill('SIGKILL'),
    );
    if (!done) return JSON.parse(value);
    await exit;
    throw new Error(lastWords.trim().split('\n').at(-1) || `it ended with ${child.exitCode}`);
  }

  async function stop() {
    child.stdin.end();
    await within(farewellSeconds, exit, () => child.kill('SIGKILL'));
  }

  const { ready, version } = await nextLine().catch((error) => {
    child.kill('SIGKILL'); // It may be alive, and have said something that is not for us.
    throw error;
  });
  return {
    name: ready,
    version,
    measure() {
      child.stdin.write('\n');
      return nextLine();
    },
    stop,
  };
}

/** Gives `promise` that many seconds, then calls `late`, which is expected to make it end. */
async function within(seconds, promise, late) {
  const timer = setTimeout(late, seconds * 1000);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}
