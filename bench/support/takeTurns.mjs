// Everybody is measured in turn, again and again, so that whatever else the machine does hits all alike.
import { startSubject } from './subject.mjs';

/**
 * One case. All programs are started and warmed up one after another and kept; then in each round each is
 * measured once, every other round in reverse order.
 *
 * @param title for the terminal
 * @param candidates `{label, command}` (the program and its arguments), `{label, start}` for what is more than a
 *   program (`start` gives what `startSubject` does), or `{label, reason}` for one that cannot be measured
 * @param rateOf what a measurement says; the more the better
 * @returns for each candidate, in order: `{label, rates, version}` (rates by round) or `{label, reason}`
 */
export async function takeTurns(title, candidates, rounds, rateOf = imagesPerSecond) {
  const entries = [];
  try {
    for (const candidate of candidates) entries.push(await start(candidate));
    const running = entries.filter(({ subject }) => subject !== undefined);
    for (let round = 0; round < rounds; round++) {
      console.error(`${title}: round ${round + 1} of ${rounds}`);
      for (const entry of round % 2 === 0 ? running : running.toReversed())
        await turn(entry, rateOf);
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

async function start({ label, reason, command, start = () => startSubject(command) }) {
  if (reason !== undefined) return { label, reason };
  try {
    return { label, subject: await start(), rates: [] };
  } catch (error) {
    return { label, reason: error.message };
  }
}

/** A program that fails on its way has no result, whatever it measured before. */
async function turn(entry, rateOf) {
  if (entry.reason !== undefined) return;
  try {
    entry.rates.push(rateOf(await entry.subject.measure()));
  } catch (error) {
    entry.reason = error.message;
  }
}

function imagesPerSecond(measured) {
  return measured.imagesPerSecond;
}
