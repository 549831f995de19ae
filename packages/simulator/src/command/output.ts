/** Where words go. */
export interface Output {
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
}
