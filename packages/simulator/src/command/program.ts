import { toLockstepError } from '@lockstep/core';
import { clusterHelp, isForClusters } from '../cluster/command/options.js';
import { runClusters } from '../cluster/command/program.js';
import { readNetwork } from '../network/read.js';
import { measure, type Row } from '../report/efficiency.js';
import { scenarioTable } from '../report/table.js';
import type { Scenario } from '../step/scenario.js';
import { readMeasured, workloadOf } from '../step/workload.js';
import { writeStudy } from '../study/write.js';
import { help, type Options, parseOptions } from './options.js';
import type { Output } from './output.js';

/** @returns the exit code */
export async function runCommandLine(args: readonly string[], output: Output): Promise<number> {
  try {
    if (isForClusters(args)) return await runClusters(args, output);
    const options = parseOptions(args);
    if (options.help) output.print(`${help}\n\n${clusterHelp}`);
    else if (options.write) await writeStudy(output.print);
    else await report(options, output);
    return 0;
  } catch (thrown) {
    const { code, message, hint, exitCode } = toLockstepError(thrown);
    output.complain(`error ${code}: ${message}`);
    if (hint !== undefined) output.complain(`hint: ${hint}`);
    return exitCode;
  }
}

async function report(options: Options, { print }: Output): Promise<void> {
  const rows: Row[] = [];
  for (const scenario of scenariosOf(options)) {
    const row = await measure(scenario);
    if (options.json) print(lineOf(row, options));
    rows.push(row);
  }
  if (!options.json) print(scenarioTable(rows));
}

/** By algorithm, then by number of ranks; with overlap and without, where there is a choice. */
function scenariosOf(options: Options): Scenario[] {
  const described = readNetwork(options.network);
  const { ranksPerHost, compression, steps, seed } = options;
  const host = { ...described.host, ranks: ranksPerHost ?? described.host.ranks };
  const network = { ...described, host };
  const workload = workloadOf(readMeasured(), options);
  return options.allReduce.flatMap((allReduce) =>
    options.ranks.flatMap((ranks) => {
      const scenario = { network, workload, allReduce, ranks, compression, steps, seed };
      const canOverlap = allReduce === 'ring' || allReduce === 'hierarchical';
      const ways = canOverlap && ranks > 1 ? [false, true] : [false];
      return ways.map((overlaps) => ({ ...scenario, overlaps }));
    }),
  );
}

function lineOf({ scenario, result, efficiency, took }: Row, { model, batch }: Options): string {
  const { network, ranks, allReduce, compression, overlaps } = scenario;
  const what = { network: network.name, model, batch, ranks, allReduce, compression, overlaps };
  return JSON.stringify({ ...what, ...result, efficiency, took });
}
