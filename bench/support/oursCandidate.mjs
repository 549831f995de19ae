import { join } from 'node:path';
import { benchFolder } from './paths.mjs';

/** bench/ours.mjs for one case, as `takeTurns` wants it. */
export function oursCandidate(engine, { model, batch, precision }, seconds) {
  const command = [
    ...[process.execPath, join(benchFolder, 'ours.mjs'), '--engine', engine, '--model', model],
    ...['--batch', String(batch), '--precision', precision, '--seconds', String(seconds)],
  ];
  return { label: `Lockstep (${engine})`, command };
}
