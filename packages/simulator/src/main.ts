import { runCommandLine } from './command/program.js';

process.exitCode = await runCommandLine(process.argv.slice(2), {
  print: (line) => console.log(line),
  complain: (line) => console.error(line),
});
