import { type Breakdown, type RunRecord, type StepPhase, stepPhases } from '@lockstep/coordinator';
import { formatCount, formatMilliseconds } from './format.js';

type Means = Breakdown['ranks'][number];
type Straggler = Breakdown['stragglers'][number];

const names: Readonly<Record<StepPhase, string>> = {
  load: 'load',
  compute: 'forward + backward',
  wait: 'wait',
  reduce: 'reduce',
  barrier: 'barrier',
  apply: 'apply',
};

/** More ranks than these are shown by their mean, and those of them that are late. */
const mostRows = 8;

/** Where the time of a step goes, in percent of it, by rank. Nothing in a world of one, which waits for nobody. */
export function breakdownTable(breakdown: Breakdown | null): string[] {
  if (breakdown === null || breakdown.ranks.length < 2) return [];
  const { ranks, steps } = breakdown;
  const mean = meanOf(ranks);
  const title = `Where a step's time goes (${formatMilliseconds(whole(mean))}, mean of ${formatCount(steps)}):`;
  const rows = rowsOf(breakdown, mean).map(([name, means]) => [
    name,
    ...stepPhases.map((phase) => percent(means[phase] / whole(means))),
  ]);
  return [title, ...aligned([['', ...stepPhases.map((phase) => names[phase])], ...rows])];
}

/** One sentence and what to do for each rank that is consistently late. */
export function stragglerLines({
  breakdown,
  processes,
}: Pick<RunRecord, 'breakdown' | 'processes'>): string[] {
  return (breakdown?.stragglers ?? []).map(({ rank, share, lateMs, stepMs, phase }) => {
    const process = processes.find((each) => each.rank === rank);
    const who = process ? `rank ${rank} (${process.host}, pid ${process.pid})` : `rank ${rank}`;
    const late = `late in ${percent(share)} of the steps, by ${formatMilliseconds(lateMs)}`;
    const step = `where a step takes ${formatMilliseconds(stepMs)}`;
    return `${who} keeps the others waiting: ${late} ${step}, with ${names[phase]}. ${remedies[phase]}`;
  });
}

const processor =
  'See what else runs on its processor, and whether that is slower than those of the others.';

const remedies: Readonly<Record<Straggler['phase'], string>> = {
  load: 'See the disk or the network that its samples come from.',
  compute: processor,
  reduce: 'See its network, and what else runs on its processor.',
  apply: processor,
};

function rowsOf({ ranks, stragglers }: Breakdown, mean: Means): [string, Means][] {
  const row = (rank: number): [string, Means] => [`rank ${rank}`, ranks[rank]!];
  if (ranks.length <= mostRows) return ranks.map((_, rank) => row(rank));
  return [['mean', mean], ...stragglers.slice(0, mostRows - 1).map(({ rank }) => row(rank))];
}

function meanOf(ranks: readonly Means[]): Means {
  const of = (phase: StepPhase): number =>
    ranks.reduce((sum, means) => sum + means[phase], 0) / ranks.length;
  return Object.fromEntries(stepPhases.map((phase) => [phase, of(phase)])) as Means;
}

const whole = (means: Means): number => stepPhases.reduce((sum, phase) => sum + means[phase], 0);

const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** The first column to the left, the others to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
}
