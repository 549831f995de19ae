import { checksAsJson, exitCodeOfChecks, formatChecks } from '../doctor/check.js';
import { checkEngines, checkLibraries, checkPip, checkStockAddon } from '../doctor/engines.js';
import {
  checkData,
  checkDirectory,
  checkGpus,
  checkMachine,
  checkNode,
  checkPort,
} from '../doctor/surroundings.js';
import { colorsOn } from '../failure.js';
import type { DoctorOptions } from '../options/options.js';

/** `lockstep doctor`: whether training can work here, and what to do where it cannot. */
export async function doctor({ dataDir, json }: DoctorOptions): Promise<number> {
  const checks = [
    checkNode(),
    checkMachine(),
    await checkGpus(),
    ...(await checkEngines()),
    ...(await checkLibraries()),
    await checkPip(),
    checkStockAddon(),
    await checkData(dataDir),
    await checkPort(),
    await checkDirectory(),
  ];
  console.log(json ? checksAsJson(checks) : formatChecks(checks, colorsOn(process.stdout)));
  return exitCodeOfChecks(checks);
}
