import type { RunRecord } from '@lockstep/coordinator';
import { parametersOf } from '@lockstep/core/model';
import {
  cellsOf,
  columnsOf,
  curvePictures,
  type EpochRow,
  modelPicture,
  type Page,
  type Picture,
  type Section,
  summaryTable,
  weightPictures,
} from '@lockstep/report';
import type { InspectedModel } from '@lockstep/worker';
import type { LoadedRun } from '../loadRun.js';
import { breakdownTable } from '../terminal/breakdown.js';
import { formatCount, formatDuration, formatMetric } from '../terminal/format.js';
import { optimizerOfRun } from './optimizerOfRun.js';

/** What is known of a run; what its samples were is not known everywhere. */
export interface RunView {
  readonly run: LoadedRun;
  readonly history: readonly EpochRow[];
  readonly model: InspectedModel;
  /** Null: the samples are not here. */
  readonly samples: {
    readonly data: readonly Picture[];
    readonly tested: readonly Picture[];
    readonly image: readonly Picture[];
    /** How many of the test images were looked at, in words. */
    readonly looked: string;
  } | null;
}

/** Everything that there is to see of a run, on one page. */
export async function pageOf(view: RunView): Promise<Page> {
  const { run, history, model, samples } = view;
  const { record, checkpoint } = run;
  const { description } = model;
  const weights: Picture[] = [];
  for (const layer of description.layers) {
    weights.push(...(await weightPictures(layer, checkpoint.weights)));
  }
  const sections: (Section | null)[] = [
    learningSection(history),
    {
      title: 'Model',
      blocks: [
        { kind: 'preformatted', text: summaryTable(description, optimizerOfRun(run)) },
        { kind: 'pictures', pictures: [modelPicture(description)] },
      ],
    },
    samples && { title: 'Data', blocks: [{ kind: 'pictures', pictures: samples.data }] },
    samples && {
      title: 'Test images',
      blocks: [
        { kind: 'text', text: samples.looked },
        { kind: 'pictures', pictures: samples.tested },
      ],
    },
    samples && {
      title: 'One image, layer by layer',
      blocks: [{ kind: 'pictures', pictures: samples.image }],
    },
    { title: 'Weights', blocks: [{ kind: 'pictures', pictures: weights }] },
    timeSection(record),
    configurationSection(record),
  ];
  return {
    title: `${description.name} on ${String(record.config.dataset?.value ?? 'its data')}`,
    lead: leadOf(record),
    facts: factsOf(record, parametersOf(description.layers)),
    sections: sections.filter((section) => section !== null),
  };
}

function leadOf({ runId, startedAt, updatedAt, stoppedBy, error, devices, worldSize }: RunRecord) {
  const began = startedAt.slice(0, 16).replace('T', ' ');
  const took = formatDuration(Date.parse(updatedAt) - Date.parse(startedAt));
  const where = `${formatCount(worldSize)} ${worldSize === 1 ? 'rank' : 'ranks'} on ${devices.join(', ')}`;
  const ended =
    error !== null
      ? `ended by an error: ${error.code}: ${error.message}`
      : stoppedBy === null
        ? 'still running'
        : `ended by: ${stoppedBy}`;
  return `Run ${runId}, begun ${began} UTC, ${took}, ${where}; ${ended}.`;
}

function factsOf(record: RunRecord, parameters: number): Page['facts'] {
  const { test, metrics, epochs, steps, imagesPerSecond } = record;
  const facts: (readonly [string, string | null])[] = [
    ['test accuracy', test && formatMetric(test.accuracy)],
    ['test loss', test && formatMetric(test.loss)],
    ['training accuracy', metrics && formatMetric(metrics.accuracy)],
    ['epochs', formatCount(epochs)],
    ['steps', formatCount(steps)],
    ['images/s', imagesPerSecond === null ? null : formatCount(imagesPerSecond)],
    ['parameters', formatCount(parameters)],
  ];
  return facts.flatMap(([name, value]) => (value === null ? [] : [{ name, value }]));
}

function learningSection(history: readonly EpochRow[]): Section | null {
  if (history.length === 0) return null;
  const columns = columnsOf(history);
  const rows = history.map((row) => cellsOf(row, columns));
  return {
    title: 'Learning',
    blocks: [
      { kind: 'pictures', pictures: curvePictures(history) },
      { kind: 'table', of: 'numbers', head: ['epoch', ...columns], rows },
    ],
  };
}

function timeSection({ breakdown }: RunRecord): Section | null {
  const lines = breakdownTable(breakdown);
  if (lines.length === 0) return null;
  return { title: 'Time', blocks: [{ kind: 'preformatted', text: lines.join('\n') }] };
}

function configurationSection({ config }: RunRecord): Section {
  const rows = Object.entries(config).map(([name, { value, source }]) => [
    name,
    valueText(value),
    source,
  ]);
  return {
    title: 'Configuration',
    blocks: [{ kind: 'table', of: 'words', head: ['option', 'value', 'from'], rows }],
  };
}

/** `adam, learningRate: 0.001, ...` rather than JSON. */
function valueText(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (typeof value !== 'object' || Array.isArray(value)) return [value].flat().join(', ') || '-';
  return Object.entries(value)
    .map(([key, each]) => (key === 'name' ? each : `${key}: ${each}`))
    .join(', ');
}
