import { findEngine } from '@lockstep/tensorflow/install';

/** What writes SavedModels; null: it is not installed here. */
export const library = await findEngine({ variant: 'cpu' });

export const missingLibrary =
  library === null ? ' (needs libtensorflow: lockstep engine install)' : '';
