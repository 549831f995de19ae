// A child process that is spoken with in lines: it answers what it is asked, until its input ends.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { repositoryRoot } from './paths.mjs';

const patienceSeconds = 300;
const farewellSeconds = 10;
const keptText = 4000;

/** Whatever becomes of us, its input ends with us, and so does it: no child is left behind. */
export class Program {
  #child;
  #exit;
  #lines;
  #lastWords = '';

  /**
   * @param command the program and its arguments
   * @param env what its environment has beside ours
   */
  constructor({ command: [program, ...args], env = {} }) {
    this.#child = spawn(program, args, {
      cwd: repositoryRoot,
      env: { TF_CPP_MIN_LOG_LEVEL: '3', ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...env },
    });
    this.#exit = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.once('error', (error) => {
      this.#lastWords = error.message;
    });
    this.#child.stderr.on('data', (text) => {
      this.#lastWords = `${this.#lastWords}${text}`.slice(-keptText);
    });
    this.#child.stdin.on('error', () => {}); // It has ended: the next line to be read says so.
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  get pid() {
    return this.#child.pid;
  }

  send(line) {
    this.#child.stdin.write(`${line}\n`);
  }

  /** @throws Error with the last thing it said, where it ends, or says nothing for minutes, instead */
  async nextLine() {
    const { value, done } = await within(patienceSeconds, this.#lines.next(), () => this.kill());
    if (!done) return value;
    await this.#exit;
    const words = this.#lastWords.trim().split('\n').at(-1);
    throw new Error(words || `it ended with ${this.#child.exitCode ?? this.#child.signalCode}`);
  }

  /** The next line that is JSON; those before it are for people. */
  async nextMessage() {
    for (;;) {
      const line = await this.nextLine();
      if (line.startsWith('{')) return JSON.parse(line);
    }
  }

  async ask(request = '') {
    this.send(request);
    return await this.nextMessage();
  }

  kill() {
    this.#child.kill('SIGKILL');
  }

  /** Ends its input, and waits until it has drawn its conclusion. */
  async stop() {
    this.#child.stdin.end();
    await within(farewellSeconds, this.#exit, () => this.kill());
  }
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
