import { toLockstepError } from '@lockstep/core';
import pc from 'picocolors';

/** Where errors go: stderr, or something like it. */
export interface ErrorStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

export interface FailureFormat {
  readonly json: boolean;
  readonly colors: boolean;
}

/** The parts of an error that people are told. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | null | undefined;
}

/** `error CODE: message` and `hint: what to do`; with `json` one line with the same. */
export function formatFailure({ code, message, hint }: Failure, format: FailureFormat): string {
  if (format.json) return `${JSON.stringify({ error: { code, message, hint: hint ?? null } })}\n`;
  const { red, bold } = pc.createColors(format.colors);
  const next = hint ? `hint: ${hint}\n` : '';
  return `${red(`${bold(`error ${code}:`)} ${message}`)}\n${next}`;
}

/** Says what went wrong. What nobody foresaw comes with its stack. @returns the exit code */
export function reportFailure(thrown: unknown, stream: ErrorStream, json: boolean): number {
  const error = toLockstepError(thrown);
  stream.write(formatFailure(error, { json, colors: colorsOn(stream) }));
  if (error.code === 'INTERNAL' && !json) {
    const origin = error.cause instanceof Error ? error.cause : error;
    stream.write(`${origin.stack}\n`);
  }
  return error.exitCode;
}

/** A terminal, and nothing (`NO_COLOR`, ...) speaks against colors. */
export function colorsOn(stream: { readonly isTTY?: boolean }): boolean {
  return stream.isTTY === true && pc.isColorSupported;
}
