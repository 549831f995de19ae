/**
 * What each checkpoint has cost the steps after it, against as many before it and after those. They follow each other
 * within a second: whatever else the machine does hits all alike.
 *
 * @param times when each step was over, in milliseconds; a checkpoint is saved after every `every`-th
 * @param window steps within which a checkpoint is done with
 * @returns milliseconds for each checkpoint after `warmUp` steps that has whole windows on both sides
 */
export function checkpointCost(times, { every, window, warmUp }) {
  const took = (from, to) => times[to] - times[from];
  const costs = [];
  // Step n is the n-th, and stands at n - 1.
  for (let step = every; step + 2 * window <= times.length; step += every) {
    if (step - window < warmUp) continue;
    const at = step - 1;
    const quiet = (took(at - window, at) + took(at + window, at + 2 * window)) / 2;
    costs.push(took(at, at + window) - quiet);
  }
  return costs;
}
