/**
 * What each checkpoint has cost the steps around it: the half of a stretch that begins with it, against the half after
 * that, which has none, and the half before. They follow each other within a second or two: whatever else the machine
 * does hits both.
 *
 * @param times when each step was over, in milliseconds; a checkpoint is saved after every `every`-th
 * @returns milliseconds for each checkpoint after `warmUp` steps that has whole halves on both sides
 */
export function checkpointCost(times, { every, warmUp }) {
  const half = every / 2;
  const took = (from, to) => times[to] - times[from];
  const costs = [];
  // Step n is the n-th, and stands at n - 1.
  for (let step = every; step + every <= times.length; step += every) {
    if (step - half < warmUp) continue;
    const at = step - 1;
    const quiet = (took(at - half, at) + took(at + half, at + every)) / 2;
    costs.push(took(at, at + half) - quiet);
  }
  return costs;
}
