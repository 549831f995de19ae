import { LockstepError } from '@lockstep/core';
import { zoo } from '@lockstep/core/model';
import { computeFlags } from './compute.js';
import { optional, toggle, type ValuesOf, withDefault } from './flag.js';
import { choice, text, wholeNumber } from './parsers.js';
import { checkpointFlag } from './results.js';
import { jsonFlag } from './train.js';

const modelFlag = optional(
  { flags: '--model <NAME>', description: `instead of a run: ${Object.keys(zoo).join(', ')}` },
  choice(Object.keys(zoo)),
);
const themeFlag = withDefault(
  {
    flags: '--theme <NAME>',
    description: "light, dark, or auto: what the reader's system asks for, in SVG",
    default: 'auto',
  },
  choice(['auto', 'light', 'dark'] as const),
);
const formatFlag = withDefault(
  { flags: '--format <FORMAT>', description: 'svg or png', default: 'svg' },
  choice(['svg', 'png'] as const),
);
const imageFlags = {
  image: withDefault(
    { flags: '--image <K>', description: 'which image, from 0', default: '0' },
    wholeNumber(0),
  ),
  split: withDefault(
    { flags: '--split <NAME>', description: 'of which images: test, train', default: 'test' },
    choice(['test', 'train'] as const),
  ),
};
const runFlags = { checkpoint: checkpointFlag };

export const summaryFlags = { model: modelFlag, ...runFlags, json: jsonFlag };

export const plotModelFlags = {
  model: modelFlag,
  ...runFlags,
  output: withDefault(
    { flags: '--output <FILE>', description: 'ends in .svg or .png', default: 'model.svg' },
    text('a file'),
  ),
  theme: themeFlag,
};

export const historyFlags = {
  last: withDefault(
    { flags: '--last <N>', description: 'how many epochs, from the end', default: '5' },
    wholeNumber(1),
  ),
  json: jsonFlag,
};

export const inspectFlags = {
  ...imageFlags,
  ...runFlags,
  output: optional(
    { flags: '--output <DIR>', description: 'where to (default: RUN/inspect/SPLIT-K)' },
    text('a directory'),
  ),
  format: formatFlag,
  theme: themeFlag,
  json: jsonFlag,
};

export const reportFlags = {
  ...imageFlags,
  ...runFlags,
  figures: optional(
    { flags: '--figures <DIR>', description: 'write each picture into a file of its own, too' },
    text('a directory'),
  ),
  format: formatFlag,
  theme: themeFlag,
  ...computeFlags,
};

export const serveFlags = {
  ...runFlags,
  port: withDefault(
    { flags: '--port <N>', description: '0: any that is free', default: '7860' },
    wholeNumber(0, 65_535),
  ),
  ...computeFlags,
  json: toggle({ flags: '--json', description: 'the address as a JSON object' }),
};

export type SummaryOptions = ValuesOf<typeof summaryFlags>;
export type PlotModelOptions = ValuesOf<typeof plotModelFlags>;
export type HistoryOptions = ValuesOf<typeof historyFlags>;
export type InspectOptions = ValuesOf<typeof inspectFlags>;
export type ReportOptions = ValuesOf<typeof reportFlags>;
export type ServeOptions = ValuesOf<typeof serveFlags>;

/** What a command is to look at: a run, or a network of the zoo. */
export type Subject =
  | { readonly kind: 'run'; readonly directory: string }
  | { readonly kind: 'model'; readonly name: string };

/** @throws USAGE unless exactly one of them is given */
export function subjectOf(run: string | undefined, model: string | null): Subject {
  if (run !== undefined && model === null) return { kind: 'run', directory: run };
  if (run === undefined && model !== null) return { kind: 'model', name: model };
  throw new LockstepError('USAGE', 'it takes the directory of a run, or --model', {
    hint: `Give one of them, such as --model ${Object.keys(zoo)[0]}.`,
  });
}
