// What a comparison says at its end, on the terminal and in docs/benchmarks.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { describeMachine } from './machine.mjs';
import { benchmarksFile } from './paths.mjs';
import { missingReasons } from './table.mjs';

/**
 * The whole section: when, on what, how, and the table.
 *
 * @param rounds how often the programs took turns, where they did
 * @param more lines about how, of one comparison alone
 */
export function describeRun({ results, table, rounds, seconds, load, more = [] }) {
  const versions = [
    ...new Set(results.flatMap(({ entries }) => entries.flatMap((entry) => entry.version ?? []))),
  ];
  return [
    `- Date: ${new Date().toISOString().slice(0, 10)}`,
    ...describeMachine(),
    `- Load before: ${load}`,
    `- Programs: ${versions.join('; ') || 'none'}`,
    ...(rounds === undefined ? [] : [`- Rounds: ${rounds} of about ${seconds} s for each program`]),
    ...more,
    '',
    table,
    ...missingReasons(results).flatMap((line) => ['', line]),
  ].join('\n');
}

/** Puts the section into the document in the place of the one before it. */
export function writeSection(section, body, file = benchmarksFile) {
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, replaceSection(text, section, body));
  console.log(`\nwritten to ${file}`);
}

/** Everything between the two markers of a section; @throws Error where the text has no such section */
export function replaceSection(text, section, body) {
  const [open, close] = [`<!-- ${section} -->`, `<!-- /${section} -->`];
  const [begin, end] = [text.indexOf(open), text.indexOf(close)];
  if (begin === -1 || end < begin) throw new Error(`there is no ${open} ... ${close} to write to`);
  return `${text.slice(0, begin + open.length)}\n${body}\n${text.slice(end)}`;
}
