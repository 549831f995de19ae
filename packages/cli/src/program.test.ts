import { createRequire } from 'node:module';
import { errorCodes } from '@lockstep/core';
import { zeromqTransport } from '@lockstep/core/transport';
import { describe, expect, it } from 'vitest';
import { runCommandLine } from './program.js';

async function run(...words: string[]) {
  let stdout = '';
  let stderr = '';
  const exitCode = await runCommandLine(words, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
  });
  return { exitCode, stdout, stderr };
}

/** CommonJS modules that this process has loaded whose path has this part. */
function loaded(part: string): string[] {
  const { cache } = createRequire(import.meta.url);
  return Object.keys(cache).filter((file) => file.includes(part));
}

describe('help', () => {
  it('shows the commands and every exit code, and loads neither ZeroMQ nor TensorFlow.js', async () => {
    const { exitCode, stdout, stderr } = await run('--help');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    for (const name of [
      'train',
      'coordinator',
      'worker',
      'evaluate',
      'predict',
      'export',
      'import',
      'summary',
      'plot-model',
      'history',
      'inspect',
      'report',
      'serve',
      'doctor',
      'data',
      'engine',
      'devices',
    ]) {
      expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    }
    for (const code of errorCodes) expect(stdout).toContain(`${code}: `);
    expect(stdout).toContain('  130  stopped by SIGINT\n');
    expect([...loaded('zeromq'), ...loaded('@tensorflow')]).toEqual([]);

    // The same look would have found it.
    await (await zeromqTransport.listen('tcp://127.0.0.1:0')).close();
    expect(loaded('zeromq')).not.toEqual([]);
  });

  it('of a command shows its flags with their defaults, but for hidden ones', async () => {
    const { exitCode, stdout } = await run('worker', '--help');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('--engine <NAME>');
    expect(stdout).toContain('(default: auto)');
    expect(stdout).not.toContain('--slot');
  });

  it('is an error where a command is missing', async () => {
    const { exitCode, stdout, stderr } = await run();
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('Usage: lockstep');
  });
});

describe('a wrong command line ends with exit code 2', () => {
  it.each([
    [['trian'], "error USAGE: unknown command 'trian'\nhint: Did you mean train?\n"],
    [
      ['train', '--batchsize', '3'],
      "error USAGE: unknown option '--batchsize'\nhint: Did you mean --batch-size?\n",
    ],
    [
      ['train', 'extra'],
      "error USAGE: too many arguments for 'train'. Expected 0 arguments but got 1.\nhint: See 'lockstep --help'.\n",
    ],
    [
      ['worker'],
      "error USAGE: required option '--connect <ADDRESS>' not specified\nhint: See 'lockstep --help'.\n",
    ],
    [
      ['train', '--epochs', '0'],
      'error USAGE: --epochs got "0"; it takes a whole number from 1 up\n',
    ],
    [
      ['train', '--epochs', '1.5', '--json'],
      '{"error":{"code":"USAGE","message":"--epochs got \\"1.5\\"; it takes a whole number from 1 up","hint":null}}\n',
    ],
  ])('%j', async (words, stderr) => {
    expect(await run(...words)).toEqual({ exitCode: 2, stdout: '', stderr });
  });
});
