import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * A program from its start to its end.
 *
 * @param command the program and its arguments
 * @param mark a line that it writes begins with this
 * @returns seconds, those until it had written the mark (null: it never did), and what it wrote to its standard output
 * @throws Error with its last words, where it does not end well
 */
export async function timed([program, ...args], mark = null) {
  const begin = performance.now();
  const child = spawn(program, args, {
    env: { TF_CPP_MIN_LOG_LEVEL: '3', ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // Whatever ends us, it is not left behind.
  const kill = () => child.kill('SIGTERM');
  process.once('exit', kill);
  const errors = [];
  let output = '';
  let marked = null;
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (text) => {
    output += text;
    const isThere = mark !== null && `\n${output}`.includes(`\n${mark}`);
    if (isThere) marked ??= (performance.now() - begin) / 1000;
  });
  child.stderr.on('data', (text) => errors.push(text));
  const [code, signal] = await once(child, 'close');
  const seconds = (performance.now() - begin) / 1000;
  process.removeListener('exit', kill);
  if (code === 0) return { seconds, marked, output };
  const lastWords = Buffer.concat(errors).toString().trim().split('\n').at(-1);
  throw new Error(lastWords || `${program} ended with ${code ?? signal}`);
}
