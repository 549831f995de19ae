import { LockstepError } from '@lockstep/core';

/** Everything between the two markers of a section, as bench/support/report.mjs has it. */
export function replaceSection(text: string, section: string, body: string): string {
  const [open, close] = [`<!-- ${section} -->`, `<!-- /${section} -->`];
  const [begin, end] = [text.indexOf(open), text.indexOf(close)];
  if (begin === -1 || end < begin) {
    throw new LockstepError('INTERNAL', `there is no ${open} ... ${close} to write to`, {
      hint: 'Put the two markers back into docs/scaling.md, each on a line of its own.',
    });
  }
  return `${text.slice(0, begin + open.length)}\n${body}\n${text.slice(end)}`;
}
