import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * A program from its start to its end.
 *
 * @param command the program and its arguments
 * @returns seconds, and what it wrote to its standard output
 * @throws Error with its last words, where it does not end well
 */
export async function timed([program, ...args]) {
  const begin = performance.now();
  const child = spawn(program, args, {
    env: { TF_CPP_MIN_LOG_LEVEL: '3', ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // Whatever ends us, it is not left behind.
  const kill = () => child.kill('SIGTERM');
  process.once('exit', kill);
  const [output, errors] = [[], []];
  child.stdout.on('data', (text) => output.push(text));
  child.stderr.on('data', (text) => errors.push(text));
  const [code, signal] = await once(child, 'close');
  const seconds = (performance.now() - begin) / 1000;
  process.removeListener('exit', kill);
  if (code === 0) return { seconds, output: Buffer.concat(output).toString() };
  const lastWords = Buffer.concat(errors).toString().trim().split('\n').at(-1);
  throw new Error(lastWords || `${program} ended with ${code ?? signal}`);
}
