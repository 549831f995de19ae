import { LockstepError } from '@lockstep/core';
import type { Parser } from './flag.js';
import { suggest } from './suggest.js';

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const day = 86_400;

/** What every parser throws: the name of the flag, the value it got and what is allowed. */
export function refuse(name: string, text: string, allowed: string, hint?: string): never {
  throw new LockstepError(
    'USAGE',
    `${name} got ${JSON.stringify(text)}; it takes ${allowed}`,
    hint === undefined ? {} : { hint },
  );
}

export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): Parser<number> {
  const bounds = most === Number.MAX_SAFE_INTEGER ? `from ${least} up` : `from ${least} to ${most}`;
  return (text, name) => {
    const value = Number(text);
    const whole = /^\d+$/.test(text) && value >= least && value <= most;
    return whole ? value : refuse(name, text, `a whole number ${bounds}`);
  };
}

interface NumberRange {
  /** The range in words, for messages. */
  readonly allowed: string;
  readonly fits: (value: number) => boolean;
}

export function numberWithin({ allowed, fits }: NumberRange): Parser<number> {
  return (text, name) => {
    const value = decimal.test(text) ? Number(text) : Number.NaN;
    return Number.isFinite(value) && fits(value) ? value : refuse(name, text, allowed);
  };
}

export const anyNumber = numberWithin({ allowed: 'a number', fits: () => true });

/** @returns milliseconds */
export const seconds: Parser<number> = (text, name) => {
  const range = numberWithin({
    allowed: `seconds from 0.1 to ${day}`,
    fits: (value) => value >= 0.1 && value <= day,
  });
  return Math.round(range(text, name) * 1000);
};

/**
 * One of these names; a near miss is told what it may have meant.
 *
 * @param orElse what is taken besides, in words
 */
export function choice<Name extends string>(names: readonly Name[], orElse?: string): Parser<Name> {
  return (text, name) => {
    const found = names.find((each) => each === text);
    if (found !== undefined) return found;
    const meant = suggest(text, names);
    const hint = meant === undefined ? undefined : `Did you mean ${meant}?`;
    return refuse(name, text, listOf(orElse === undefined ? names : [...names, orElse]), hint);
  };
}

export const trueOrFalse: Parser<boolean> = (text, name) => {
  const value = text.toLowerCase();
  if (value === 'true' || value === 'false') return value === 'true';
  return refuse(name, text, 'true or false');
};

/** A file, a directory, an identifier: anything but nothing. */
export function text(what: string): Parser<string> {
  return (given, name) => (given.trim() === '' ? refuse(name, given, what) : given);
}

export const sha256Digest: Parser<string> = (given, name) =>
  /^[0-9a-f]{64}$/.test(given) ? given : refuse(name, given, 'a sha256, 64 hexadecimal digits');

/**
 * Only the form; the transport reads the address and knows what is wrong with host and port.
 */
export const address: Parser<string> = (given, name) =>
  /^tcp:\/\/.+:\d+$/.test(given)
    ? given
    : refuse(name, given, 'an address like tcp://127.0.0.1:5555');

const hostAndPort = /^(\[[^[\]\s]+\]|[^:[\]\s*]+)(?::(\d{1,5}))?$/;

/** @returns `tcp://HOST:PORT`, with port 0 (any free one) where none is given */
export const peerAddress: Parser<string> = (given, name) => {
  const [, host, port = '0'] = hostAndPort.exec(given) ?? [];
  return host !== undefined && Number(port) <= 65_535
    ? `tcp://${host}:${Number(port)}`
    : refuse(name, given, 'HOST or HOST:PORT, such as 10.0.0.7:5600, worker-7 or [fd00::7]:5600');
};

/** Several of a kind, with commas between. */
export const list =
  <T>(parse: Parser<T>): Parser<T[]> =>
  (given, name) =>
    given.split(',').map((each) => parse(each.trim(), name));

/** `none` turns the feature off. */
export function orNone<T>(parse: Parser<T>): Parser<T | null> {
  return (given, name) => {
    if (given === 'none') return null;
    try {
      return parse(given, name);
    } catch (thrown) {
      if (!(thrown instanceof LockstepError)) throw thrown;
      throw new LockstepError('USAGE', `${thrown.message}, or none`, {
        ...(thrown.hint === undefined ? {} : { hint: thrown.hint }),
      });
    }
  };
}

/** `a`, `a or b`, `a, b or c`. */
export function listOf(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
