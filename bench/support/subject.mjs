// A program that is measured: it gets ready, then measures once for each line it is sent, until its input ends.
// bench/ours.mjs and the scripts in bench/peers are such programs.
import { Program } from './program.mjs';

/**
 * Starts it and waits until it is warmed up.
 *
 * @returns name and version, as it says itself, `measure()` and `stop()`
 * @throws Error with the last thing it said, where it does not get ready
 */
export async function startSubject(command) {
  const program = new Program({ command });
  try {
    const { ready, version } = JSON.parse(await program.nextLine());
    return {
      name: ready,
      version,
      measure: () => program.ask(),
      stop: () => program.stop(),
    };
  } catch (error) {
    program.kill(); // It may be alive, and have said something that is not for us.
    throw error;
  }
}
