import { LockstepError } from '@lockstep/core';
import { describe, expect, it } from 'vitest';
import { formatFailure, reportFailure } from './failure.js';

const error = new LockstepError('DATA_MISSING', 'train.gz is not there', { hint: 'Fetch it.' });

function report(thrown: unknown, json: boolean) {
  let text = '';
  const exitCode = reportFailure(thrown, { write: (part) => (text += part) }, json);
  return { exitCode, text };
}

describe('reportFailure', () => {
  it('says code, cause and next action, and returns the exit code', () => {
    expect(report(error, false)).toEqual({
      exitCode: 3,
      text: 'error DATA_MISSING: train.gz is not there\nhint: Fetch it.\n',
    });
  });

  it('leaves the hint out where there is none', () => {
    const text = 'error USAGE: unknown command\n';
    expect(report(new LockstepError('USAGE', 'unknown command'), false)).toEqual({
      exitCode: 2,
      text,
    });
  });

  it('gives one line of JSON', () => {
    const { text } = report(error, true);
    expect(text).toBe(
      '{"error":{"code":"DATA_MISSING","message":"train.gz is not there","hint":"Fetch it."}}\n',
    );
  });

  it('shows where an unforeseen error was thrown', () => {
    const { exitCode, text } = report(new TypeError('x is not a function'), false);
    expect(exitCode).toBe(1);
    expect(text).toMatch(
      /^error INTERNAL: x is not a function\nTypeError: x is not a function\n +at /,
    );
  });
});

it('is red in a terminal', () => {
  const text = formatFailure({ code: 'USAGE', message: 'no' }, { json: false, colors: true });
  expect(text).toContain('\u001b[31m');
});
