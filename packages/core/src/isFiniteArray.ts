/**
 * NaN and infinity times zero are NaN, which no sum gets rid of; everything else times zero is zero. Four sums, because
 * each addition would wait for the one before.
 */
export function isFiniteArray(array: Float32Array): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = array.length - (array.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += array[i]! * 0;
    b += array[i + 1]! * 0;
    c += array[i + 2]! * 0;
    d += array[i + 3]! * 0;
  }
  for (let i = whole; i < array.length; i++) a += array[i]! * 0;
  return a + b + c + d === 0;
}
