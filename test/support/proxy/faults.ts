import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, Passing } from './proxy.js';

/**
 * Acts when the message has come to the proxy; neither it nor what was said after it passes: a connection never loses a
 * message alone.
 */
export const arriving =
  (act: (passing: Passing) => void): Fault =>
  (passing, { cut: end }) => {
    act(passing);
    end();
  };

export const passed =
  (act: (passing: Passing) => void): Fault =>
  async (passing, { write }) => {
    await write(passing.bytes);
    act(passing);
  };

/** This message and those behind it wait; the connection lives. */
export const hold =
  (until: Promise<unknown>): Fault =>
  async ({ bytes }, { write }) => {
    await until;
    await write(bytes);
  };

export const delay =
  (milliseconds: number): Fault =>
  async (passing, hands) =>
    hold(sleep(milliseconds))(passing, hands);

/** Nothing passes for so long, heartbeats among it. */
export const stall =
  (milliseconds: number): Fault =>
  async ({ bytes }, { write, stall: begin }) => {
    const end = begin();
    await sleep(milliseconds);
    end();
    await write(bytes);
  };

export const cut: Fault = (_passing, hands) => hands.cut();

/** The first half arrives, then the connection ends. */
export const truncate: Fault = async ({ bytes }, hands) => {
  await hands.write(bytes.subarray(0, bytes.length >> 1));
  hands.cut();
};

export const duplicate: Fault = async ({ bytes }, { write }) => {
  await write(bytes);
  await write(bytes);
};

/** The next message of this direction arrives first. */
export const reorder: Fault = ({ bytes }, { letOvertake }) => letOvertake(bytes);

/**
 * One bit is another one: of the header, or of the first tensor.
 *
 * @param bit which, as a part of all of them, from 0 to below 1
 */
export const flip =
  (where: 'header' | 'tensor', bit = 0.5): Fault =>
  async ({ bytes, frames }, { write }) => {
    const [header, tensor] = frames;
    const frame = where === 'header' ? header : tensor;
    if (frame === undefined) throw new Error(`the message has no ${where}`);
    const end = where === 'header' ? frame.bytes.length : header!.bytes.length + frame.bytes.length;
    const place = Math.floor(bit * frame.body.length * 8);
    const damaged = Buffer.from(bytes);
    damaged[end - frame.body.length + (place >> 3)]! ^= 1 << (place & 7);
    await write(damaged);
  };
