import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ClockOffset, type RoundTrip } from './clockOffset.js';

/** A peer whose clock is `behind` ours; how long the question and the answer took. */
function trip(askedAt: number, behind: number, there: number, back: number): RoundTrip {
  const answeredAt = askedAt + there - behind;
  return { askedAt, answeredAt, receivedAt: answeredAt + behind + back };
}

it('knows nothing before the first answer', () => {
  expect(new ClockOffset().microseconds).toBe(null);
});

it('is exact where both ways take the same time', () => {
  const clock = new ClockOffset();
  clock.observe(trip(5_000, 123_456, 70, 70));
  expect(clock.microseconds).toBe(123_456);
});

it('is never wrong by more than half of the least delay', () => {
  const duration = fc.integer({ min: 0, max: 50_000 });
  fc.assert(
    fc.property(
      fc.integer({ min: -1e9, max: 1e9 }),
      fc.array(fc.tuple(duration, duration), { minLength: 1, maxLength: 20 }),
      (behind, trips) => {
        const clock = new ClockOffset();
        for (const [there, back] of trips) clock.observe(trip(0, behind, there, back));
        const least = Math.min(...trips.map(([there, back]) => there + back));
        // A trip of up to 0.1 s may take the place of one that is worse by less than the drift in that time.
        expect(Math.abs(clock.microseconds! - behind)).toBeLessThanOrEqual(least / 2 + 1.5);
      },
    ),
  );
});

it('takes a worse trip for a better one that is so old that the clocks may have drifted apart', () => {
  const clock = new ClockOffset();
  clock.observe(trip(0, 1_000, 20, 20));
  const second = 1_000_000;
  clock.observe(trip(10 * second, 1_100, 200, 200));
  expect(clock.microseconds).toBe(1_000);
  clock.observe(trip(60 * second, 1_600, 200, 200));
  expect(clock.microseconds).toBe(1_600);
});
