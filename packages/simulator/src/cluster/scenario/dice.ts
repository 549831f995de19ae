import type { Random } from '@lockstep/core/data';

/** Draws of all kinds from one stream. */
export class Dice {
  constructor(private readonly random: Random) {}

  /** From 0 up to it, without it. */
  below(bound: number): number {
    return this.random.below(bound);
  }

  /** Both ends included. */
  between(least: number, most: number): number {
    return least + this.random.below(most - least + 1);
  }

  chance(part: number): boolean {
    return this.random.float() < part;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.random.below(items.length)]!;
  }

  weighted<Item>(items: readonly Item[], weights: readonly number[]): Item {
    let rest = this.random.below(weights.reduce((sum, weight) => sum + weight, 0));
    const chosen = weights.findIndex((weight) => {
      rest -= weight;
      return rest < 0;
    });
    return items[chosen]!;
  }

  /** From 1 up to about so much, small numbers as often as large ones. */
  scaled(most: number): number {
    return Math.floor(Math.exp(Math.log(most) * this.random.float()));
  }
}
