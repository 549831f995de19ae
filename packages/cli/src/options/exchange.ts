import { LockstepError } from '@lockstep/core';
import { formatOf, type OutputName, outputNames } from '@lockstep/formats/names';
import { optional, required, type ValuesOf } from './flag.js';
import { choice, text } from './parsers.js';
import { checkpointFlag } from './results.js';
import { jsonFlag } from './train.js';

const outputFlags = {
  output: required(
    {
      flags: '--output <FILE>',
      description: 'where to write it; of tfjs: model.json, or a folder; of saved-model: a folder',
    },
    text('a file'),
  ),
  format: optional(
    {
      flags: '--format <NAME>',
      description: `${outputNames.join(', ')} (default: by the ending of --output)`,
    },
    choice(outputNames),
  ),
  json: jsonFlag,
};

export const exportFlags = { checkpoint: checkpointFlag, ...outputFlags };

export const importFlags = outputFlags;

interface Output {
  readonly output: string;
  readonly format: OutputName;
  readonly json: boolean;
}

export type ImportOptions = Output;
export type ExportOptions = Output & { readonly checkpoint: string };

/** @throws USAGE where neither --format nor the ending of --output says which format */
export function withFormat<Values extends ValuesOf<typeof outputFlags>>(
  values: Values,
): Omit<Values, 'format'> & { readonly format: OutputName } {
  const format = values.format ?? formatOf(values.output);
  if (format !== undefined) return { ...values, format };
  throw new LockstepError('USAGE', `--output ${values.output} does not say which format to write`, {
    hint: `Give --format: ${outputNames.join(', ')}.`,
  });
}
