import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runToResume } from './resume.js';

let runDir: string;
beforeEach(() => {
  runDir = mkdtempSync(join(tmpdir(), 'resume-'));
});
afterEach(() => rmSync(runDir, { recursive: true }));

it('takes what it is given', () => {
  expect(runToResume({ resume: 'runs/a', runDir: null })).toBe('runs/a');
  expect(runToResume({ resume: null, runDir })).toBeNull();
});

it('auto begins a run, and goes on with it once it has a checkpoint', () => {
  const resume = 'auto';
  expect(runToResume({ resume, runDir: join(runDir, 'not-there') })).toBeNull();
  writeFileSync(join(runDir, 'run.json'), '{}');
  mkdirSync(join(runDir, 'checkpoints'));
  expect(runToResume({ resume, runDir })).toBeNull();
  writeFileSync(join(runDir, 'checkpoints', 'epoch-0000-step-00000000.ckpt'), '');
  expect(runToResume({ resume, runDir })).toBe(runDir);
});

it('auto needs a directory', () => {
  expect(() => runToResume({ resume: 'auto', runDir: null })).toThrow(/which run/);
});
