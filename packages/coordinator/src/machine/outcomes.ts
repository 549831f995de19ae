import type { StopSignal } from '@lockstep/core';
import type { Outcome } from './state.js';

const good = { code: null, hint: null, signal: null, slots: [] } as const;

export const earlyStop = (message: string): Outcome => ({
  stoppedBy: 'early-stop',
  message,
  ...good,
});

export const allEpochs = (epochs: number): Outcome => ({
  stoppedBy: 'epochs',
  message: `Trained all ${epochs} epochs.`,
  ...good,
});

export const allSteps = (steps: number): Outcome => ({
  stoppedBy: 'epochs',
  message: `Trained all ${steps} steps.`,
  ...good,
});

export const interrupted = (signal: StopSignal | null, when: string): Outcome => ({
  stoppedBy: 'signal',
  message: `Stopped by ${signal} ${when}.`,
  ...good,
  signal,
});
