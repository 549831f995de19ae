import type { State } from '@lockstep/coordinator';

/** What the coordinator still waits for although its time is over; null: nothing. */
export function overdueIn({ phase, now }: State): string | null {
  if (phase.name === 'evaluating') {
    const late = phase.parts.findIndex(({ piece, deadline }) => piece !== null && now > deadline);
    return late < 0 ? null : `the evaluation of rank ${late}`;
  }
  return 'deadline' in phase && now > phase.deadline ? phase.name : null;
}
