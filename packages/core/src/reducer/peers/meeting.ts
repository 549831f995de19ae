/** Who speaks to whom, and of what. */
export interface Meeting {
  /** Known to the ranks only that are introduced to each other, and another one for each reducer: random. */
  readonly channel: string;
  readonly from: number;
  readonly to: number;
}
