import { LockstepError } from '@lockstep/core';
import { Command, CommanderError, type Option } from 'commander';
import { exitCodeTable } from './exitCodes.js';
import { reportFailure } from './failure.js';
import { declareFlags, readFlags } from './options/command.js';
import { coordinatorFlags } from './options/coordinator.js';
import {
  engineInstallFlags,
  engineInstallOptionsOf,
  engineListFlags,
  engineRemoveFlags,
  engineRemoveOptionsOf,
} from './options/engine.js';
import { exportFlags, importFlags, withFormat } from './options/exchange.js';
import { trainOptionsOf } from './options/options.js';
import {
  dataInspectFlags,
  devicesFlags,
  doctorFlags,
  evaluateFlags,
  predictFlags,
} from './options/results.js';
import {
  historyFlags,
  inspectFlags,
  plotModelFlags,
  reportFlags,
  serveFlags,
  subjectOf,
  summaryFlags,
} from './options/seeing.js';
import { trainFlags } from './options/train.js';
import { workerFlags } from './options/worker.js';
import { version } from './version.js';

/** What the command line is run on: the process, or a test. */
export interface Surroundings {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
}

/**
 * Runs a command line, the words after `lockstep`. A command's module is loaded when the command is used:
 * neither the network nor a tensor library is loaded to print help or to refuse a flag.
 *
 * @returns the exit code
 */
export async function runCommandLine(words: readonly string[], on: Surroundings): Promise<number> {
  let exitCode = 0;
  const program = createProgram(on, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(words, { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError && isHelp(thrown)) return thrown.exitCode === 0 ? 0 : 2;
    const error = thrown instanceof CommanderError ? usageErrorOf(thrown) : thrown;
    return reportFailure(error, on.stderr, words.includes('--json'));
  }
}

function createProgram(on: Surroundings, finish: (exitCode: number) => void): Command {
  const program = new Command('lockstep')
    .description('Synchronous data-parallel training for TensorFlow.js')
    .version(version)
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => on.stdout.write(text),
      writeErr: (text) => on.stderr.write(text),
      // Errors are reported like all others, with code and hint.
      outputError: () => undefined,
    })
    .configureHelp({ optionDescription: describeOption })
    .addHelpText('after', `\nEach flag can also be given as LOCKSTEP_<FLAG> in the environment.`)
    .addHelpText('after', `\n${exitCodeTable()}`);

  const train = program.command('train').description('train with workers on this machine');
  declareFlags(train, trainFlags).action(async () => {
    const { values, sources } = trainOptionsOf(readFlags(train, trainFlags));
    const command = await import('./commands/train.js');
    finish(await command.train(values, sources));
  });

  const coordinator = program
    .command('coordinator')
    .description('coordinate workers that are started elsewhere');
  declareFlags(coordinator, coordinatorFlags).action(async () => {
    const { values, sources } = trainOptionsOf(readFlags(coordinator, coordinatorFlags));
    const command = await import('./commands/coordinator.js');
    finish(await command.coordinator(values, sources));
  });

  const worker = program.command('worker').description('join a coordinator as one worker');
  declareFlags(worker, workerFlags).action(async () => {
    const { values } = readFlags(worker, workerFlags);
    const command = await import('./commands/worker.js');
    finish(await command.worker(values));
  });

  const evaluate = program
    .command('evaluate')
    .argument('<run>', 'directory of the run')
    .description("evaluate a run's checkpoint on the test split");
  declareFlags(evaluate, evaluateFlags).action(async (run: string) => {
    const { values } = readFlags(evaluate, evaluateFlags);
    const command = await import('./commands/evaluate.js');
    finish(await command.evaluate(run, values));
  });

  const predict = program
    .command('predict')
    .argument('<run>', 'directory of the run')
    .argument('<file...>', 'PNG, JPG or WebP pictures of one digit each, or folders of them')
    .description('say which digits are in pictures');
  declareFlags(predict, predictFlags).action(async (run: string, files: string[]) => {
    const { values } = readFlags(predict, predictFlags);
    const command = await import('./commands/predict.js');
    finish(await command.predict(run, files, values));
  });

  const exporting = program
    .command('export')
    .argument('<run>', 'directory of the run')
    .description(
      "write a run's model as a file of Keras, TensorFlow, TensorFlow.js, NumPy or safetensors",
    );
  declareFlags(exporting, exportFlags).action(async (run: string) => {
    const { values } = readFlags(exporting, exportFlags);
    const options = withFormat(values);
    const command = await import('./commands/export.js');
    finish(await command.exportRun(run, options));
  });

  const importing = program
    .command('import')
    .argument('<file>', 'model file of another program; see --init-from of train')
    .description('write a model file of one program as that of another');
  declareFlags(importing, importFlags).action(async (file: string) => {
    const { values } = readFlags(importing, importFlags);
    const options = withFormat(values);
    const command = await import('./commands/import.js');
    finish(await command.importModel(file, options));
  });

  const doctor = program.command('doctor').description('check whether training can work here');
  declareFlags(doctor, doctorFlags).action(async () => {
    const { values } = readFlags(doctor, doctorFlags);
    const command = await import('./commands/doctor.js');
    finish(await command.doctor(values));
  });

  const devices = program.command('devices').description('list what there is to compute with');
  declareFlags(devices, devicesFlags).action(async () => {
    const { values } = readFlags(devices, devicesFlags);
    const command = await import('./commands/devices.js');
    finish(await command.devices(values));
  });
  addDataCommands(program, finish);
  addSeeingCommands(program, finish);
  addEngineCommands(program, finish);
  return program;
}

function addDataCommands(program: Command, finish: (exitCode: number) => void): void {
  const data = program.command('data').description('look at datasets');

  const inspect = data
    .command('inspect')
    .description('shapes, types, ranges, samples of each class, and the first images');
  declareFlags(inspect, dataInspectFlags).action(async () => {
    const { values } = readFlags(inspect, dataInspectFlags);
    const command = await import('./commands/data.js');
    finish(await command.inspect(values));
  });
}

/** What people would rather look at than read. */
function addSeeingCommands(program: Command, finish: (exitCode: number) => void): void {
  const summary = program
    .command('summary')
    .argument('[run]', 'directory of the run')
    .description('table of layers, output shapes and parameters');
  declareFlags(summary, summaryFlags).action(async (run?: string) => {
    const { values } = readFlags(summary, summaryFlags);
    const subject = subjectOf(run, values.model);
    const command = await import('./commands/summary.js');
    finish(await command.summary(subject, values));
  });

  const plotModel = program
    .command('plot-model')
    .argument('[run]', 'directory of the run')
    .description('draw the layers of a model');
  declareFlags(plotModel, plotModelFlags).action(async (run?: string) => {
    const { values } = readFlags(plotModel, plotModelFlags);
    const subject = subjectOf(run, values.model);
    const command = await import('./commands/plotModel.js');
    finish(await command.plotModel(subject, values));
  });

  const history = program
    .command('history')
    .argument('<run>', 'directory of the run')
    .description('table of the last epochs');
  declareFlags(history, historyFlags).action(async (run: string) => {
    const { values } = readFlags(history, historyFlags);
    const command = await import('./commands/history.js');
    finish(await command.history(run, values));
  });

  const inspect = program
    .command('inspect')
    .argument('<run>', 'directory of the run')
    .description("pictures of one image's way through the layers, and of the weights");
  declareFlags(inspect, inspectFlags).action(async (run: string) => {
    const { values } = readFlags(inspect, inspectFlags);
    const command = await import('./commands/inspect.js');
    finish(await command.inspect(run, values));
  });

  const report = program
    .command('report')
    .argument('<run>', 'directory of the run')
    .description('write report.html of a run anew, or its pictures as files');
  declareFlags(report, reportFlags).action(async (run: string) => {
    const { values } = readFlags(report, reportFlags);
    const command = await import('./commands/report.js');
    finish(await command.report(run, values));
  });

  const serve = program
    .command('serve')
    .argument('<run>', 'directory of the run')
    .description('a page on this machine to draw a digit on and see what the model says');
  declareFlags(serve, serveFlags).action(async (run: string) => {
    const { values } = readFlags(serve, serveFlags);
    const command = await import('./commands/serve.js');
    finish(await command.serve(run, values));
  });
}

function addEngineCommands(program: Command, finish: (exitCode: number) => void): void {
  const engine = program
    .command('engine')
    .description("install, list or remove the native engine's library")
    .addHelpText('after', engineExamples);

  const install = engine.command('install').description('fetch, check and unpack it, once');
  declareFlags(install, engineInstallFlags).action(async () => {
    const { values } = readFlags(install, engineInstallFlags);
    const options = engineInstallOptionsOf(values);
    const command = await import('./commands/engine.js');
    finish(await command.install(options));
  });

  const list = engine.command('list').description('what is installed');
  declareFlags(list, engineListFlags).action(async () => {
    const { values } = readFlags(list, engineListFlags);
    const command = await import('./commands/engine.js');
    finish(await command.list(values));
  });

  const remove = engine
    .command('remove')
    .argument('[name]', "as 'lockstep engine list' has it")
    .description('remove one or all');
  declareFlags(remove, engineRemoveFlags).action(async (name?: string) => {
    const { values } = readFlags(remove, engineRemoveFlags);
    const options = engineRemoveOptionsOf(name, values);
    const command = await import('./commands/engine.js');
    finish(await command.remove(options));
  });
}

const engineExamples = `
Examples:
  lockstep engine install                      the build for processors, by pip
  lockstep engine install --cuda               the build for NVIDIA GPUs, with CUDA 12
  lockstep engine install --from wheels/       with no network
  lockstep engine remove --all

LOCKSTEP_CACHE=DIR says where; LOCKSTEP_OFFLINE=1 fetches nothing.`;

/** Defaults without quotation marks; that every flag has a variable is said once, at the end. */
function describeOption({ description, defaultValueDescription }: Option): string {
  return defaultValueDescription === undefined
    ? description
    : `${description} (default: ${defaultValueDescription})`;
}

/** Help and version are printed already. */
function isHelp({ code }: CommanderError): boolean {
  return ['commander.help', 'commander.helpDisplayed', 'commander.version'].includes(code);
}

/** `error: unknown option '--epoch'` with `(Did you mean --epochs?)` on a line of its own, taken apart. */
function usageErrorOf({ message }: CommanderError): LockstepError {
  const [cause = '', suggestion] = message.replace(/^error: /, '').split('\n');
  const hint = suggestion?.replace(/^\((.*)\)$/, '$1') ?? "See 'lockstep --help'.";
  return new LockstepError('USAGE', cause, { hint });
}
