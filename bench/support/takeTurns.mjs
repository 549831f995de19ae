// Everybody is measured in turn, again and again, so that whatever else the machine does hits all alike.
import { startSubject } from './subject.mjs';

/**
 * One case. All programs are started and warmed up one after another and kept; then in each round each is
 * measured once, every other round in reverse order.
 *
 * @param title for the terminal
 * @param candidates `{label, command, args}` or `{label, reason}` for one that cannot be measured
 * @returns for each candidate, in order: `{label, rates, version}` (images/s by round) or `{label, reason}`
 */
export async function takeTurns(title, candidates, rounds) {
  const entries = [];
  try {
    for (const candidate of candidates) entries.push(await start(candidate));
    const running = entries.filter(({ subject }) => subject !== undefined);
    for (let round = 0; round < rounds; round++) {
      console.error(`${title}: round ${round + 1} of ${rounds}`);
      for (const entry of round % 2 === 0 ? running : running.toReversed()) await turn(entry);
    }
  } finally {
    await Promise.all(entries.map(({ subject }) => subject?.stop()));
  }
  return entries.map(({ label, reason, subject, rates }) =>
    reason === undefined
      ? { label: subject.name, version: subject.version, rates }
      : { label: subject?.name ?? label, reason },
  );
}

async function start({ label, reason, command, args }) {
  if (reason !== undefined) return { label, reason };
  try {
    return { label, subject: await startSubject(command, args), rates: [] };
  } catch (error) {
    return { label, reason: error.message };
  }
}

/** A program that fails on its way has no result, whatever it measured before. */
async function turn(entry) {
  if (entry.reason !== undefined) return;
  try {
    entry.rates.push((await entry.subject.measure()).imagesPerSecond);
  } catch (error) {
    entry.reason = error.message;
  }
}
