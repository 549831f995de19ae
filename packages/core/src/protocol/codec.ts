import { Packr, Unpackr } from 'msgpackr';
import { z } from 'zod';
import { LockstepError } from '../errors.js';
import { bytesOf } from '../hash.js';
import type { Frames } from '../transport/index.js';
import { checksumOf, isWhole } from './checksum.js';
import {
  type Header,
  type HeaderFrom,
  type MessageKind,
  protocolVersion,
  type Sender,
  schemasFrom,
  type TensorType,
  tensorRules,
} from './messages.js';
import { whyNotPlain } from './plainMessagePack.js';
import { printable } from './printable.js';

export type Tensors = Readonly<Record<string, Float32Array | Uint8Array>>;

/** A validated message: its header and its tensors by name. */
export interface Message<From extends Sender = Sender> {
  readonly header: HeaderFrom<From>;
  readonly tensors: Tensors;
}

/** A header with its tensor table is a few KB at most (the topology); a larger one is an attack or a bug. */
const maxHeaderBytes = 1024 * 1024;
const maxTensors = 64;
/** Of what is said about a violation, in characters. */
const longestMessage = 500;

const tensorTable = z
  .array(
    z.strictObject({
      name: z.string().min(1).max(200),
      type: z.enum(['float32', 'uint8']),
      length: z.number().int().nonnegative(),
    }),
  )
  .max(maxTensors);

const wire = z.looseObject({ kind: z.string().max(100), tensors: tensorTable.optional() });

/** What is undefined is left out: MessagePack has no word for it, and extensions are refused. */
const packing = { useRecords: false, skipValues: [undefined] };
const packr = new Packr(packing);
/** Integers beyond 2^53 become inexact numbers, which no schema takes for a count: no JSON has room for others. */
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' });

/**
 * Frames of a message. Tensors are not copied: they belong to the transport until the peer has answered.
 *
 * @returns frame 0: the msgpack header; frames 1..: the tensors, raw little-endian, in table order; the last frame:
 *   the checksum
 */
export function encode<Kind extends MessageKind>(
  header: Header<Kind>,
  tensors: Tensors = {},
): Frames {
  const table = Object.entries(tensors).map(([name, array]) => ({
    name,
    type: array instanceof Float32Array ? 'float32' : 'uint8',
    length: array.length,
  }));
  const body = table.length > 0 ? { ...header, tensors: table } : header;
  const frames = [packr.pack(body), ...Object.values(tensors).map(bytesOf)];
  return [...frames, checksumOf(frames)];
}

/**
 * Validates arriving frames: the header against its schema, the tensors against the rules of its kind.
 *
 * @param from who sent it: each side accepts only the other side's kinds
 * @throws LockstepError PROTOCOL_VIOLATION, or PROTOCOL_MISMATCH for a `hello` of another version
 */
export function decode<From extends Sender>(frames: Frames, from: From): Message<From> {
  const { tensors: table = [], ...fields } = parse(wire, unpack(frames[0]), 'header');
  refuseOtherVersion(fields);
  const schemas: Record<string, z.ZodType> = schemasFrom[from];
  const schema = Object.hasOwn(schemas, fields.kind) ? schemas[fields.kind] : undefined;
  if (schema === undefined) throw violation(`a ${from} does not say '${fields.kind}'`);
  const header = parse(schema, fields, fields.kind) as Header;
  const tensors = readTensors(header.kind, table, frames.slice(1, -1));
  if (!isWhole(frames)) throw violation(`'${header.kind}' was damaged on its way`);
  return { header: header as HeaderFrom<From>, tensors };
}

function unpack(frame: Uint8Array | undefined): unknown {
  if (frame === undefined || frame.byteLength === 0) throw violation('the message has no header');
  if (frame.byteLength > maxHeaderBytes) {
    throw violation(`the header has ${frame.byteLength} bytes, more than ${maxHeaderBytes}`);
  }
  const defect = whyNotPlain(frame);
  if (defect !== null) throw violation(`the header is not plain msgpack: ${defect}`);
  try {
    return unpackr.unpack(frame);
  } catch (cause) {
    throw violation('the header is not msgpack', cause);
  }
}

function refuseOtherVersion(fields: Record<string, unknown>): void {
  if (fields.kind !== 'hello' || typeof fields.protocol !== 'number') return;
  if (fields.protocol === protocolVersion) return;
  throw new LockstepError(
    'PROTOCOL_MISMATCH',
    `the worker speaks protocol ${fields.protocol}, the coordinator ${protocolVersion}`,
    { hint: 'Install the same version of Lockstep on every machine.' },
  );
}

function readTensors(
  kind: MessageKind,
  table: z.infer<typeof tensorTable>,
  frames: Frames,
): Record<string, Float32Array | Uint8Array> {
  const rule = tensorRules[kind] ?? {};
  if (table.length !== frames.length) {
    throw violation(`'${kind}' announces ${table.length} tensors and brings ${frames.length}`);
  }
  const tensors: Record<string, Float32Array | Uint8Array> = {};
  table.forEach(({ name, type, length }, index) => {
    const fixed = { ...rule.required, ...rule.optional };
    const expected = Object.hasOwn(fixed, name)
      ? fixed[name]
      : rule.slots && name.startsWith('slot:')
        ? 'float32'
        : undefined;
    if (expected === undefined) throw violation(`'${kind}' carries no tensor '${name}'`);
    if (expected !== type) throw violation(`tensor '${name}' of '${kind}' must be ${expected}`);
    if (Object.hasOwn(tensors, name)) throw violation(`'${kind}' brings '${name}' twice`);
    tensors[name] = viewOf(kind, name, type, length, frames[index]!);
  });
  for (const name of Object.keys(rule.required ?? {})) {
    if (!Object.hasOwn(tensors, name)) throw violation(`'${kind}' lacks its tensor '${name}'`);
  }
  return tensors;
}

/** A typed view of the frame; copied only where its start is unaligned (ZeroMQ's small frames are). */
function viewOf(
  kind: MessageKind,
  name: string,
  type: TensorType,
  length: number,
  frame: Uint8Array,
): Float32Array | Uint8Array {
  const bytes = type === 'float32' ? length * 4 : length;
  if (frame.byteLength !== bytes) {
    throw violation(`tensor '${name}' of '${kind}' has ${frame.byteLength} bytes, not ${bytes}`);
  }
  if (type === 'uint8') return new Uint8Array(frame.buffer, frame.byteOffset, length);
  const aligned = frame.byteOffset % 4 === 0 ? frame : Uint8Array.from(frame);
  return new Float32Array(aligned.buffer, aligned.byteOffset, length);
}

function parse<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  what: string,
): z.output<Schema> {
  const result = tried(schema, value, what);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw violation(`'${what}' is malformed at '${issue?.path.join('.')}': ${issue?.message}`);
}

/** Zod's checks of a length throw where an object of the sender's takes the place of a text, and its `length` is one. */
function tried<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string) {
  try {
    return schema.safeParse(value);
  } catch (cause) {
    throw violation(`'${what}' is malformed`, cause);
  }
}

/** Names and values of the sender's own choice stand in the message: it is answered with, and shown to people. */
function violation(message: string, cause?: unknown): LockstepError {
  return new LockstepError('PROTOCOL_VIOLATION', printable(message).slice(0, longestMessage), {
    hint: 'Check that every process runs the same version of Lockstep, and that nothing else talks to this port.',
    cause,
  });
}
