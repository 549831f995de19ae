import { precisions } from '@lockstep/core';
import { engineNames } from '@lockstep/worker';
import { type Parser, toggle, withDefault } from './flag.js';
import { choice, refuse, wholeNumber } from './parsers.js';

/** `auto`: from cores and local workers. */
export type ThreadsChoice = 'auto' | number;

/** A list has GPUs as nvidia-smi counts them, or by their UUIDs. */
export type DevicesChoice = 'auto' | 'cpu' | readonly string[];

const threads: Parser<ThreadsChoice> = (given, name) => {
  if (given === 'auto') return given;
  return /^\d+$/.test(given)
    ? wholeNumber(1)(given, name)
    : refuse(name, given, 'auto or a whole number from 1 up');
};

const gpu = /^(\d+|(GPU|MIG)-[\w/-]+)$/;

const devices: Parser<DevicesChoice> = (given, name) => {
  if (given === 'auto' || given === 'cpu') return given;
  const list = given.split(',').map((part) => part.trim());
  return list.every((part) => gpu.test(part))
    ? list
    : refuse(name, given, 'auto, cpu, or the numbers of GPUs: 0 or 0,1');
};

/** What a command that computes computes with. */
export const computeFlags = {
  engine: withDefault(
    {
      flags: '--engine <NAME>',
      description: `what computes: ${engineNames.join(', ')}`,
      default: 'auto',
    },
    choice(engineNames),
  ),
  threads: withDefault(
    {
      flags: '--threads <N>',
      description:
        'threads of each process in the engine tensorflow (the others have one); auto: the cores, divided by the local workers',
      default: 'auto',
    },
    threads,
  ),
  devices: withDefault(
    {
      flags: '--devices <LIST>',
      description:
        'GPUs for the engine tensorflow, by their numbers in nvidia-smi: 0 or 0,1, dealt to the local workers in turn; cpu; auto: those that are there, with the build for CUDA',
      default: 'auto',
    },
    devices,
  ),
  allowCpu: toggle({
    flags: '--allow-cpu',
    description: 'go on without a GPU that --devices asks for and that cannot be had',
  }),
};

/** Of the run, not of a process: all ranks have the same. */
export const precisionFlag = withDefault(
  {
    flags: '--precision <TYPE>',
    description: `matrix work of the engine tensorflow in: ${precisions.join(', ')}; weights stay float32`,
    default: 'float32',
  },
  choice(precisions),
);
