import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ClockOffset, type RoundTrip } from './clockOffset.js';

/** A peer whose clock is `behind` ours; how long the question, the answering and the answer took. */
function trip(askedAt: number, behind: number, there: number, busy: number, back: number) {
  const heardAt = askedAt + there - behind;
  const answeredAt = heardAt + busy;
  return { askedAt, heardAt, answeredAt, receivedAt: answeredAt + behind + back } as RoundTrip;
}

it('knows nothing before the first answer', () => {
  expect(new ClockOffset().microseconds).toBe(null);
});

it('is exact where both ways take the same time, however long the peer takes to answer', () => {
  const clock = new ClockOffset();
  clock.observe(trip(5_000, 123_456, 70, 9_999, 70));
  expect(clock.microseconds).toBe(123_456);
});

it('is never wrong by more than half of the least delay', () => {
  const duration = fc.integer({ min: 0, max: 50_000 });
  fc.assert(
    fc.property(
      fc.integer({ min: -1e9, max: 1e9 }),
      fc.array(fc.tuple(duration, duration, duration), { minLength: 1, maxLength: 20 }),
      (behind, trips) => {
        const clock = new ClockOffset();
        for (const [there, busy, back] of trips) {
          clock.observe(trip(0, behind, there, busy, back));
        }
        const least = Math.min(...trips.map(([there, , back]) => there + back));
        // What the age of the best trip may add is far below what one trip takes.
        expect(Math.abs(clock.microseconds! - behind)).toBeLessThanOrEqual(least / 2 + 2.5);
      },
    ),
  );
});

it('takes a worse trip for a better one that is so old that the clocks may have drifted apart', () => {
  const clock = new ClockOffset();
  clock.observe(trip(0, 1_000, 20, 0, 20));
  const second = 1_000_000;
  clock.observe(trip(10 * second, 1_100, 200, 0, 200));
  expect(clock.microseconds).toBe(1_000);
  clock.observe(trip(60 * second, 1_600, 200, 0, 200));
  expect(clock.microseconds).toBe(1_600);
});

it('does not believe a peer whose clock went backwards', () => {
  const clock = new ClockOffset();
  clock.observe({ askedAt: 0, heardAt: 10, answeredAt: 5, receivedAt: 20 });
  clock.observe({ askedAt: 0, heardAt: 10, answeredAt: 50, receivedAt: 20 });
  expect(clock.microseconds).toBe(null);
});
