import { runCommandLine } from '../program.js';

/**
 * Runs a command line in this process: `await lockstep('data', 'inspect', '--show', '3')`. What it prints goes to this
 * process's stdout and stderr.
 *
 * @returns the exit code
 */
export const lockstep = (...words: string[]): Promise<number> => runCommandLine(words, process);
