import {
  type Axis,
  drawFigure,
  type Figure,
  powersWithin,
  renderSvg,
  type Series,
} from '@lockstep/report/drawing';
import type { Row } from '../report/efficiency.js';
import { exchangeOf } from './findings.js';
import type { Loopback } from './loopback.js';
import { published } from './published.js';
import type { Curve, Study } from './study.js';

/** A file in docs/scaling. */
export interface Drawn {
  readonly file: string;
  readonly svg: string;
}

const grouped = (value: number): string => value.toLocaleString('en-US');

const ranksAxis = (most: number, base: number): Axis => ({
  label: 'ranks',
  range: [1, most],
  isLogarithmic: true,
  ticks: powersWithin(base, [1, most]),
  format: grouped,
});

const efficiencyAxis: Axis = {
  label: 'efficiency (images a second and rank, beside a lone rank)',
  range: [0, 1],
  isLogarithmic: false,
  ticks: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
  format: (value) => `${Math.round(100 * value)} %`,
};

const millisecondsAxis = (range: readonly [number, number]): Axis => ({
  label: 'milliseconds',
  range,
  isLogarithmic: true,
  ticks: powersWithin(10, range),
  format: grouped,
});

const seriesOf = (
  { name, rows }: Curve,
  style: Series['style'],
  y: (row: Row) => number,
): Series => ({
  name,
  style,
  points: rows.map((row) => ({ x: row.scenario.ranks, y: y(row) })),
});

/** Sergeev and Del Balso 2018, arXiv 1802.05799: of other machines, and another network. */
const horovod: Series = {
  name: 'Horovod, ResNet-101 (published)',
  style: 'points',
  points: [{ x: published.ranks, y: published.efficiency }],
};

/** On a light ground: documents are read in many places, of which some know of no dark one. */
const drawn = (figure: Figure): string => renderSvg(drawFigure(figure), 'light');

export function efficiencyFigure({ efficiency, algorithms }: Study): Drawn {
  const { core, coreOverlapped, hierarchyOverlapped, device, deviceOverlapped } = efficiency;
  const star = algorithms.find(({ name }) => name === 'star')!;
  const most = core.rows.at(-1)!.scenario.ranks;
  const of = ({ efficiency: share }: Row) => share;
  const svg = drawn({
    title: 'deep, 50 images a rank, 25 Gbit/s, 50 us: simulated',
    x: ranksAxis(most, 4),
    y: efficiencyAxis,
    series: [
      seriesOf(core, 'line', of),
      seriesOf(coreOverlapped, 'dashed', of),
      seriesOf(hierarchyOverlapped, 'dashed', of),
      seriesOf(star, 'line', of),
      seriesOf(device, 'line', of),
      seriesOf(deviceOverlapped, 'dashed', of),
      horovod,
    ],
  });
  return { file: 'efficiency.svg', svg };
}

export function algorithmFigure({ algorithms }: Study): Drawn {
  const rows = algorithms.map(({ rows, ...rest }) => ({ ...rest, rows: rows.slice(1) }));
  const most = rows[0]!.rows.at(-1)!.scenario.ranks;
  const times = rows.flatMap((curve) => curve.rows.map((row) => 1000 * exchangeOf(row)));
  const svg = drawn({
    title: 'All-reduce of 13.1 MB and barrier, 25 Gbit/s, 50 us: simulated',
    x: ranksAxis(most, 4),
    y: millisecondsAxis(wholePowers(times)),
    series: rows.map((curve) =>
      seriesOf(
        curve,
        curve.name === 'halving-doubling' ? 'dashed' : 'line',
        (row) => 1000 * exchangeOf(row),
      ),
    ),
  });
  return { file: 'algorithms.svg', svg };
}

/** The ring on this machine: what was measured, beside what the simulator makes of it. */
export function ringFigure({ rings }: Loopback): Drawn {
  const lengths = [...new Set(rings.map(({ length }) => length))];
  const series = lengths.map((length): Series => {
    const own = rings.filter((point) => point.length === length);
    const name = `${grouped(Math.round((4 * length) / 1000))} KB, simulated`;
    const points = own.map(({ ranks, simulatedMs }) => ({ x: ranks, y: simulatedMs }));
    return { name, style: 'line', points };
  });
  const measured = rings.map(({ ranks, milliseconds }) => ({ x: ranks, y: milliseconds }));
  const times = rings.flatMap(({ milliseconds, simulatedMs }) => [milliseconds, simulatedMs]);
  const svg = drawn({
    title: 'The ring over loopback, on two cores: measured and simulated',
    x: { ...ranksAxis(8, 2), range: [1.8, 9], ticks: [2, 4, 8] },
    y: millisecondsAxis(wholePowers(times)),
    series: [...series, { name: 'measured', style: 'points', points: measured }],
  });
  return { file: 'loopback.svg', svg };
}

/** Training on this machine, likewise. */
export function trainingFigure({ training }: Loopback): Drawn {
  const svg = drawn({
    title: 'deep, 50 images a worker, on two cores: measured and simulated',
    x: { ...ranksAxis(4, 2), label: 'workers', range: [0.9, 4.5] },
    y: efficiencyAxis,
    series: [
      {
        name: 'ring over loopback, simulated',
        style: 'line',
        points: training.map(({ workers, simulated }) => ({ x: workers, y: simulated })),
      },
      {
        name: 'measured',
        style: 'points',
        points: training.map(({ workers, efficiency }) => ({ x: workers, y: efficiency })),
      },
    ],
  });
  return { file: 'training.svg', svg };
}

/** The powers of ten around some values. */
function wholePowers(values: readonly number[]): [number, number] {
  const power = (round: (value: number) => number, value: number) => 10 ** round(Math.log10(value));
  return [power(Math.floor, Math.min(...values)), power(Math.ceil, Math.max(...values))];
}
