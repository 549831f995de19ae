import { findEngine } from '@lockstep/tensorflow/install';

/** Whether the engine `tensorflow` is there. With its other build, a machine with GPUs would train on them. */
export const hasCpuLibrary = (await findEngine())?.variant === 'cpu';
