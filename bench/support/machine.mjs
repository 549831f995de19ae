// What the figures were measured on.
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';

/** Flags of /proc/cpuinfo that decide which kernels a tensor library takes. */
const instructionSets = {
  avx2: 'AVX2',
  avx512f: 'AVX-512',
  avx512_bf16: 'AVX-512 BF16',
  amx_bf16: 'AMX BF16',
};

/** Lines of Markdown. */
export function describeMachine() {
  const sets = supportedSets();
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  return [
    `- Processor: ${cpus()[0].model.trim()}, ${availableParallelism()} cores${sets === '' ? '' : `, ${sets}`}`,
    `- Memory: ${memory} GiB`,
    `- System: ${systemName()}, ${process.arch}, Node ${process.versions.node}`,
  ];
}

/** The load before a run: above some tenths somebody else is using the machine, and the figures are worth little. */
export function describeLoad() {
  return `${loadavg()[0].toFixed(2)} of ${availableParallelism()} cores`;
}

function supportedSets() {
  const flags = new Set(/^flags\s*:(.*)$/m.exec(textOf('/proc/cpuinfo'))?.[1].split(' '));
  return Object.keys(instructionSets)
    .filter((flag) => flags.has(flag))
    .map((flag) => instructionSets[flag])
    .join(', ');
}

function systemName() {
  const name = /^PRETTY_NAME="(.*)"$/m.exec(textOf('/etc/os-release'))?.[1];
  return `${name === undefined ? '' : `${name}, `}${type()} ${release()}`;
}

/** Only Linux has these files. */
function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
