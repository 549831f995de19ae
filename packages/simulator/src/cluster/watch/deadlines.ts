import type { State } from '@lockstep/coordinator';

/** What the coordinator still waits for although its time is over; null: nothing. */
export function overdueIn({ phase, saving, now }: State): string | null {
  if (saving !== null && now > saving.deadline) {
    return saving.taking === null ? 'a checkpoint' : 'what the ranks hold for a checkpoint';
  }
  if (phase.name === 'evaluating') {
    const late = phase.parts.findIndex(({ piece, deadline }) => piece !== null && now > deadline);
    return late < 0 ? null : `the evaluation of rank ${late}`;
  }
  return 'deadline' in phase && now > phase.deadline ? phase.name : null;
}
