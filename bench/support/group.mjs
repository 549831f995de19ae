// Programs that are measured together, at the same time: the ranks of one job, or several that know nothing of
// each other. Each gets ready, then answers each line with a line of JSON.
import { Program } from './program.mjs';

export class Group {
  #programs;
  /** What each said when it was ready, in order. */
  greetings;

  constructor(programs, greetings) {
    this.#programs = programs;
    this.greetings = greetings;
  }

  /**
   * Starts all at once: ranks wait for each other.
   *
   * @param members `{command, env}`, the command with its arguments
   * @throws Error with the last words of the first that failed; none of them is left
   */
  static async start(members) {
    const programs = members.map((member) => new Program(member));
    const greetings = await together(programs, (program) => program.nextMessage());
    return new Group(programs, greetings);
  }

  get pids() {
    return this.#programs.map(({ pid }) => pid);
  }

  /** @returns their answers, in order; @throws Error as `start` does */
  ask(request = '') {
    return together(this.#programs, (program) => program.ask(request));
  }

  async stop() {
    await Promise.all(this.#programs.map((program) => program.stop()));
  }
}

/** One that fails would be waited for by the others. */
async function together(programs, action) {
  try {
    return await Promise.all(programs.map(action));
  } catch (error) {
    for (const program of programs) program.kill();
    throw error;
  }
}
