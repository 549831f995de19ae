import type { Drawing } from '../drawing/svg.js';

/** A picture with what is to be said of it. */
export interface Picture {
  /** What its file is called, without an ending. */
  readonly name: string;
  readonly caption: string;
  readonly drawing: Drawing;
}
