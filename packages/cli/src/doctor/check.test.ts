import { LockstepError } from '@lockstep/core';
import { describe, expect, it } from 'vitest';
import { type Check, check, checksAsJson, exitCodeOfChecks, formatChecks } from './check.js';

const node: Check = { name: 'Node.js', detail: 'v20.19.0' };
const missing = new LockstepError('DATA_MISSING', 'train.gz is not there', { hint: 'Fetch it.' });

async function broken(): Promise<Check[]> {
  const port = new LockstepError('PORT_IN_USE', 'taken');
  const fail = (error: Error) => (): never => {
    throw error;
  };
  return [node, await check('data', fail(missing)), await check('port', fail(port))];
}

describe('checks', () => {
  it('are all well', async () => {
    const checks = [node, await check('data', async () => '60,000 samples')];
    expect(exitCodeOfChecks(checks)).toBe(0);
    expect(formatChecks(checks, false)).toBe(
      [
        'ok       Node.js  v20.19.0',
        'ok       data     60,000 samples',
        'Training can work here.',
      ].join('\n'),
    );
  });

  it('end with the exit code of the first problem, and say what to do', async () => {
    const checks = await broken();
    expect(exitCodeOfChecks(checks)).toBe(3);
    expect(formatChecks(checks, false)).toBe(
      [
        'ok       Node.js  v20.19.0',
        'problem  data     train.gz is not there',
        '                  Fetch it.',
        'problem  port     taken',
        'Training cannot work here yet.',
      ].join('\n'),
    );
  });

  it('come as JSON', async () => {
    const fine = { works: true, code: null, hint: null };
    expect(JSON.parse(checksAsJson(await broken()))).toEqual({
      works: false,
      checks: [
        { name: 'Node.js', detail: 'v20.19.0', ...fine },
        {
          name: 'data',
          detail: 'train.gz is not there',
          works: false,
          code: 'DATA_MISSING',
          hint: 'Fetch it.',
        },
        { name: 'port', detail: 'taken', works: false, code: 'PORT_IN_USE', hint: null },
      ],
    });
  });

  it('do not swallow what nobody foresaw', async () => {
    const look = (): never => {
      throw new TypeError('a bug');
    };
    await expect(check('data', look)).rejects.toThrow(TypeError);
  });
});
