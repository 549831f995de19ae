/** Numbers that belong together in a figure. */
export interface Series {
  readonly name: string;
  /** In ascending order of x. What lies beyond the axes, or is no number, is left out. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** `line`: computed; `points`: measured, or told by others. */
  readonly style: 'line' | 'dashed' | 'points';
}
