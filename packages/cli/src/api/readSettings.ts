import type { Given } from '../launch/launch.js';
import { coordinatorFlags } from '../options/coordinator.js';
import { trainOptionsOf } from '../options/options.js';
import { trainFlags } from '../options/train.js';
import { readFlagSettings } from './readFlagSettings.js';
import type { TrainSettings } from './settings.js';

/**
 * What `launch` needs, from the settings of a program: each is read as its flag is.
 *
 * @throws USAGE for a setting that there is not, a value that it does not take, or settings that contradict each other
 */
export function readSettings(settings: TrainSettings): Given {
  const { signal: _signal, model, dataset, callbacks = [], ...rest } = settings;
  const byName = {
    ...rest,
    ...(typeof model === 'string' ? { model } : {}),
    ...(typeof dataset === 'string' ? { dataset } : {}),
    callbacks: callbacks.filter((each) => typeof each === 'string'),
  };
  const asTheyAre = {
    model: typeof model === 'function' ? model : null,
    dataset: typeof dataset === 'object' ? dataset : null,
    callbacks: callbacks.filter((each) => typeof each !== 'string'),
  };
  if (settings.listen === undefined) {
    const { values, sources } = trainOptionsOf(readFlagSettings(byName, trainFlags));
    return { options: values, sources, place: { kind: 'here' }, ...asTheyAre };
  }
  const { values, sources } = trainOptionsOf(readFlagSettings(byName, coordinatorFlags));
  const { listen, fallback, ...options } = values;
  return { options, sources, place: { kind: 'at', listen, fallback }, ...asTheyAre };
}
