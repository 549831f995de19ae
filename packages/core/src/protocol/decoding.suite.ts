import { LockstepError } from '../errors.js';
import type { Frames } from '../transport/index.js';
import { decode, encode, type Message } from './codec.js';
import { coordinatorExamples, workerExamples } from './examples.suite.js';
import type { Header, Sender } from './messages.js';

const example = {
  worker: workerExamples.contribution,
  coordinator: coordinatorExamples['load-state'],
} as const;
const right = {
  worker: encode(example.worker.header, example.worker.tensors),
  coordinator: encode(example.coordinator.header, example.coordinator.tensors),
} as const;
const refusals = ['PROTOCOL_VIOLATION', 'PROTOCOL_MISMATCH'];

/** What is wrong with how the decoder took these frames; null: nothing. */
export function defectOfDecoding(frames: Frames, from: Sender): string | null {
  const message = attempt(frames, from);
  if (typeof message === 'string') return message;
  // What was believed means the same when it is said again.
  if (message !== null) {
    const again = attempt(encode(message.header as Header, message.tensors), from);
    if (again === null || typeof again === 'string') return `it is not what it was: ${again}`;
    if (meaningOf(again) !== meaningOf(message)) return 'it means something else when said again';
  }
  // What came before changes nothing.
  const after = attempt(right[from], from);
  if (after === null || typeof after === 'string') return `afterwards, a right one: ${after}`;
  return meaningOf(after) === meaningOf(example[from]) ? null : 'afterwards, a right one differs';
}

/** @returns null when it was refused as it should be; a text when it was not */
function attempt(frames: Frames, from: Sender): Message | string | null {
  try {
    return decode(frames, from);
  } catch (thrown) {
    if (thrown instanceof LockstepError && refusals.includes(thrown.code)) {
      return thrown.message.length <= 500 ? null : 'it was refused with a text that is too long';
    }
    return `it threw ${thrown}`;
  }
}

const meaningOf = ({ header, tensors = {} }: Pick<Message, 'header'> & Partial<Message>): string =>
  JSON.stringify([sorted(header), Object.entries(tensors).map(([name, t]) => [name, hex(t)])]);

const hex = ({ buffer, byteOffset, byteLength }: Float32Array | Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('hex');

/** JSON knows neither NaN nor the order of names. */
const sorted = (value: unknown): unknown =>
  typeof value === 'number'
    ? String(value)
    : Array.isArray(value)
      ? value.map(sorted)
      : typeof value === 'object' && value !== null
        ? Object.entries(value)
            .filter(([, inner]) => inner !== undefined)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([name, inner]) => [name, sorted(inner)])
        : value;
