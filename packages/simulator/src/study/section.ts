import type { Row } from '../report/efficiency.js';
import { alignedTable, milliseconds, percent } from '../report/table.js';
import type { Measured } from '../step/workload.js';
import { doublingGivesLess, exchangeOf, fallsBelow, overtakes } from './findings.js';
import { published } from './published.js';
import { type Curve, type Study, studied } from './study.js';

/** What docs/scaling.md says between its markers: all that depends on figures. */
export function sectionOf(study: Study, measured: Measured): string {
  return [
    ...assumptions(study, measured),
    '',
    '### The ring, by number of ranks',
    '',
    ringTable(study),
    '',
    '### What is exchanged, by algorithm',
    '',
    'All-reduce and barrier, milliseconds a step, nothing overlapped, computed on cores:',
    '',
    algorithmTable(study),
    '',
    '### Where it stops paying',
    '',
    ...turningPoints(study),
    '',
    '### At 256 ranks',
    '',
    ...at256(study),
    '',
    '### Beside a published measurement',
    '',
    ...besidePublished(study),
    '',
    ...speedOf(study),
  ].join('\n');
}

function assumptions(
  { core, device, network }: Study,
  { date, machine, engine }: Measured,
): string[] {
  const { model, batch, speed } = studied;
  const ms = (seconds: number) => `${milliseconds(seconds)} ms`;
  const megabytes = ((4 * core.length) / 1e6).toFixed(1);
  const parts = core.parts
    .map(
      ({ range, at }) => `${(((range.end - range.begin) * 4) / 1e6).toFixed(1)} MB after ${ms(at)}`,
    )
    .join(', ');
  return [
    `- Computed: \`${model}\` (${megabytes} MB of gradient) at ${batch} images a rank, as measured on ${date}, ${engine}`,
    ...machine.map((line) => `  - ${line}`),
    `  - forward and backward ${ms(core.gradients)}, update ${ms(core.apply)}; a lone rank's whole step, to which efficiency refers, ${ms(core.alone)}`,
    `  - overlapped, the gradient is sent in parts: ${parts}`,
    `- Device: an assumption, ${speed} times as fast as that core and beside it: forward and backward ${ms(device.gradients)}, update ${ms(device.apply)}, alone ${ms(device.alone)}`,
    `- Network: \`${network.name}\` (packages/simulator/networks/${network.name}.json)`,
  ];
}

const ranksOf = ({ scenario }: Row): string => scenario.ranks.toLocaleString('en-US');

function ringTable({ network, efficiency }: Study): string {
  const { core, coreOverlapped, hierarchyOverlapped, device, deviceOverlapped } = efficiency;
  const titles = [
    'ranks',
    'hops',
    'latency of all hops ms',
    'all-reduce ms',
    'barrier ms',
    'efficiency',
    'overlapped',
    `hierarchical, ${studied.ranksPerHost} a host, overlapped`,
    'device',
    'device, overlapped',
  ];
  const latency = network.link.latencyMicroseconds * 1e-6;
  const rows = core.rows.map((row, i) => {
    const hops = 2 * (row.scenario.ranks - 1);
    return [
      ranksOf(row),
      hops.toLocaleString('en-US'),
      milliseconds(hops * latency),
      milliseconds(row.result.reduce),
      milliseconds(row.result.barrier),
      ...[core, coreOverlapped, hierarchyOverlapped, device, deviceOverlapped].map(({ rows }) =>
        percent(rows[i]!.efficiency),
      ),
    ];
  });
  return alignedTable(titles, rows);
}

function algorithmTable({ algorithms }: Study): string {
  const rows = algorithms[0]!.rows
    .slice(1)
    .map((row, i) => [
      ranksOf(row),
      ...algorithms.map(({ rows }) => milliseconds(exchangeOf(rows[i + 1]!))),
    ]);
  return alignedTable(['ranks', ...algorithms.map(({ name }) => name)], rows);
}

function turningPoints({ algorithms, efficiency }: Study): string[] {
  const [star, ring, half, ringOfHosts, hierarchy, halving] = algorithms as [
    Curve,
    Curve,
    Curve,
    Curve,
    Curve,
    Curve,
  ];
  const pairs: [Curve, Curve][] = [
    [ring, star],
    [half, ring],
    [hierarchy, ring],
    [hierarchy, ringOfHosts],
    [halving, ring],
  ];
  const { core, coreOverlapped, hierarchyOverlapped, device, deviceOverlapped } = efficiency;
  return [
    ...pairs.map(
      ([faster, slower]) =>
        `- ${faster.name} beats ${slower.name} ${since(overtakes(faster, slower))}`,
    ),
    ...[core, coreOverlapped, hierarchyOverlapped, device, deviceOverlapped].flatMap((curve) => [
      `- ${curve.name}: less than 90 % of what the ranks could do ${since(fallsBelow(curve, 0.9))}, less than half of it ${since(fallsBelow(curve, 0.5))}; twice the ranks give less than half as many images more ${since(doublingGivesLess(curve, 0.5))}`,
    ]),
  ];
}

const since = (ranks: number | null): string =>
  ranks === null ? 'nowhere here' : `from ${ranks.toLocaleString('en-US')} ranks on`;

function at256({ efficiency, algorithms, network }: Study): string[] {
  const { latencyMicroseconds, gigabitsPerSecond } = network.link;
  const { core, coreOverlapped, hierarchyOverlapped, device, deviceOverlapped } = efficiency;
  const at = ({ rows }: Curve): Row | undefined =>
    rows.find(({ scenario }) => scenario.ranks === 256);
  const line = (curve: Curve): string[] => {
    const row = at(curve);
    if (row === undefined) return [];
    return [
      `- ${curve.name}: ${percent(row.efficiency)} (${milliseconds(row.result.whole)} ms a step, of which ${milliseconds(exchangeOf(row))} ms are not computing)`,
    ];
  };
  return [
    `\`${studied.model}\` at ${studied.batch} images a rank, ${gigabitsPerSecond} Gbit/s, ${latencyMicroseconds} us:`,
    '',
    ...[core, coreOverlapped, hierarchyOverlapped, device, deviceOverlapped].flatMap(line),
    ...algorithms.slice(2).flatMap(line),
  ];
}

function besidePublished({ published: rows }: Study): string[] {
  const { ranks, ranksPerHost, efficiency } = published;
  return [
    `ResNet-101 on ${ranks} GPUs, ${ranksPerHost} a host, ${percent(efficiency)} as published; simulated with our code over TCP on the network above:`,
    '',
    ...rows.map(({ scenario, efficiency: share, result }) => {
      const way = scenario.overlaps ? 'overlapped' : 'not overlapped';
      return `- ${scenario.allReduce}, ${way}: ${percent(share)} (${milliseconds(result.whole)} ms a step)`;
    }),
  ];
}

function speedOf({ efficiency }: Study): string[] {
  const largest = efficiency.core.rows.at(-1)!;
  const { events, messages } = largest.result;
  const million = (count: number) => `${(count / 1e6).toFixed(1)} million`;
  return [
    `The simulation of one step of ${ranksOf(largest)} ranks took ${largest.took.toFixed(0)} s: ${million(messages)} messages, ${million(events)} events, ${million(events / largest.took)} a second.`,
  ];
}
