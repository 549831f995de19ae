import { runCommandLine } from './program.js';

for (const stream of [process.stdout, process.stderr]) {
  // `lockstep train | head` must not end the training: what nobody reads is not written.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const exitCode = await runCommandLine(process.argv.slice(2), process);

// Tensor libraries keep threads that would keep the process; what was written must get out before it ends.
await Promise.all(
  [process.stdout, process.stderr].map(
    (stream) => new Promise((resolve) => stream.write('', resolve)),
  ),
);
process.exit(exitCode);
