import { execFile } from 'node:child_process';
import { installError } from './installError.js';
import { type Environment, surroundingsOf } from './surroundings.js';

/** A pip that works here, and how it is started. */
export interface Pip {
  /** For people: `pip 24.0 (python 3.11)`. */
  readonly description: string;
  readonly command: string;
  readonly words: readonly string[];
}

const startMs = 30_000;
const hint =
  "Install Python 3 with pip (Debian: 'apt install python3-pip') or uv, fetch the wheel elsewhere and give it with --from, or use --engine wasm.";

/**
 * `python3 -m pip`; where there is none, the pip that uv runs (`uv tool run pip`), which uv fetches first.
 *
 * @throws ENGINE_INSTALL where there is neither, with what is missing
 */
export async function findPip(options: { readonly environment?: Environment } = {}): Promise<Pip> {
  const { variables } = surroundingsOf(options.environment);
  const python = await ask('python3', ['-m', 'pip', '--version'], variables);
  if (python.works) {
    const [, version, of] = /^(pip \S+).*(\(.*\))/.exec(python.output) ?? [];
    const description = version === undefined ? python.output : `${version} ${of}`;
    return { description, command: 'python3', words: ['-m', 'pip'] };
  }
  const uv = await ask('uv', ['--version'], variables);
  if (uv.works) {
    return { description: `pip by ${uv.output}`, command: 'uv', words: ['tool', 'run', 'pip'] };
  }
  const what = python.missing
    ? 'python3 is not on PATH'
    : `python3 has no pip (${python.output.split('\n').at(-1)})`;
  throw installError(`the engine cannot be fetched: ${what}`, hint);
}

interface Answer {
  readonly works: boolean;
  /** The program is not there at all. */
  readonly missing: boolean;
  readonly output: string;
}

function ask(
  command: string,
  words: readonly string[],
  variables: Readonly<Record<string, string | undefined>>,
): Promise<Answer> {
  return new Promise((resolve) => {
    const options = { env: { ...variables }, timeout: startMs, killSignal: 'SIGKILL' } as const;
    execFile(command, words, options, (error, stdout, stderr) => {
      const output = (error === null ? stdout : stderr || error.message).trim();
      resolve({ works: error === null, missing: error?.code === 'ENOENT', output });
    });
  });
}
