import type { Dice } from './dice.js';
import type { Kind } from './draw.js';
import type { Fault, Moment, Victim } from './faults.js';
import type { Scenario } from './scenario.js';

type Around = Omit<Scenario, 'faults'>;
type Draw = (dice: Dice, around: Around) => Fault;

/** Most messages of a small run come before this one. */
const latestMessage = 1_500;
const latestMs = 20_000;
const mostFaults = 4;

const when = (dice: Dice): Moment =>
  dice.chance(0.8) ? { messages: dice.scaled(latestMessage) } : { ms: dice.scaled(latestMs) };

const worker = (dice: Dice, { workers }: Around): number => dice.below(workers);

const victim = (dice: Dice, around: Around): Victim =>
  dice.chance(0.3) ? 'coordinator' : worker(dice, around);

const crash: Draw = (dice, around) => {
  const who = victim(dice, around);
  const backMs = dice.pick([50, 1_000, 5_000, 12_000]);
  // Somebody always starts the coordinator again.
  const isBack = who === 'coordinator' || dice.chance(0.7);
  return {
    what: 'crash',
    who,
    isSilent: dice.chance(0.3),
    backMs: isBack ? backMs : null,
    when: when(dice),
  };
};

/** Half a deadline, one, three. */
const pause: Draw = (dice, around) => ({
  what: 'pause',
  who: victim(dice, around),
  ms: Math.round(dice.pick([0.5, 1, 3]) * around.timeouts.step),
  when: when(dice),
});

const cut: Draw = (dice, around) => ({ what: 'cut', who: worker(dice, around), when: when(dice) });

const block: Draw = (dice, around) => {
  const one = worker(dice, around);
  const other: Victim = dice.chance(0.3) ? worker(dice, around) : 'coordinator';
  const [from, to] = dice.chance(0.5) ? [one, other] : [other, one];
  const ms = dice.pick([200, 1_000, 5_000, 30_000]);
  return { what: 'block', from, to, both: dice.chance(0.5), ms, when: when(dice) };
};

const fullDisk: Draw = (dice) => ({
  what: 'full-disk',
  ms: dice.pick([100, 5_000, null]),
  when: when(dice),
});

const leave: Draw = (dice, around) => ({
  what: 'leave',
  who: worker(dice, around),
  when: when(dice),
});

const interrupt: Draw = (dice) => ({ what: 'interrupt', when: when(dice) });

const flip: Draw = (dice, around) => ({
  what: 'flip',
  who: worker(dice, around),
  when: when(dice),
});

const draws: Readonly<Record<Kind, readonly Draw[]>> = {
  quiet: [],
  crashes: [crash],
  network: [pause, cut, block],
  disk: [fullDisk, crash],
  membership: [leave, crash, interrupt],
  hostile: [crash, leave],
  memory: [flip],
  all: [crash, pause, cut, block, fullDisk, leave, interrupt],
};

export function drawFaults(dice: Dice, kind: Kind, around: Around): Fault[] {
  // On one machine nothing is between the processes, and only their coordinator stops them.
  const fit = draws[kind].filter(
    (draw) => around.place === 'at' || ![cut, block, leave].includes(draw),
  );
  if (fit.length === 0) return [];
  const least = kind === 'hostile' ? 0 : 1;
  const count = kind === 'memory' ? 1 : dice.between(least, mostFaults);
  return Array.from({ length: count }, () => dice.pick(fit)(dice, around));
}
