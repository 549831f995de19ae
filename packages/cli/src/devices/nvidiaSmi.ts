import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A GPU as the driver of NVIDIA tells of it. What it does not tell is null. */
export interface Gpu {
  readonly index: number;
  readonly name: string;
  readonly memoryBytes: number | null;
  readonly usedBytes: number | null;
  readonly driver: string | null;
}

export interface GpuLook {
  readonly gpus: readonly Gpu[];
  /** Why none was found; null where one was. */
  readonly problem: string | null;
}

const deadlineMs = 10_000;
const mebibyte = 2 ** 20;
const fields = ['index', 'name', 'memory.total', 'memory.used', 'driver_version'];

/** The GPUs that `nvidia-smi` reports; a machine without it has none. */
export async function lookForGpus(): Promise<GpuLook> {
  const args = [`--query-gpu=${fields.join()}`, '--format=csv,noheader,nounits'];
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', args, { timeout: deadlineMs });
    const gpus = parseGpus(stdout);
    const problem = gpus.length > 0 ? null : `nvidia-smi says: ${firstLine(stdout) || 'nothing'}`;
    return { gpus, problem };
  } catch (thrown) {
    return { gpus: [], problem: problemOf(thrown as SmiFailure) };
  }
}

interface SmiFailure extends NodeJS.ErrnoException {
  readonly killed?: boolean;
  readonly stdout?: string;
  readonly stderr?: string;
}

function problemOf({ code, killed, stdout = '', stderr = '', message }: SmiFailure): string {
  if (code === 'ENOENT') return 'no driver of NVIDIA is installed (there is no nvidia-smi)';
  if (killed) return `nvidia-smi did not answer within ${deadlineMs / 1000} s`;
  // It says what is wrong on stdout: that there is no device, or no driver in the kernel.
  return `nvidia-smi says: ${firstLine(stdout) || firstLine(stderr) || firstLine(message)}`;
}

const firstLine = (text: string): string => text.trim().split('\n')[0]!.trim();

/**
 * What `--format=csv,noheader,nounits` gives: `0, NVIDIA H200, 143771, 1, 570.86.15`, memory in MiB, and
 * `[N/A]`, `[Not Supported]` and the like for what the device does not tell. Other lines are skipped.
 */
export function parseGpus(text: string): Gpu[] {
  return text.split('\n').flatMap((line) => {
    const [, index, name, total, used, driver] = row.exec(line.trim()) ?? [];
    if (index === undefined) return [];
    return [
      {
        index: Number(index),
        name: name!,
        memoryBytes: bytesOf(total!),
        usedBytes: bytesOf(used!),
        driver: /^\[.*\]$/.test(driver!) ? null : driver!,
      },
    ];
  });
}

/** The name is the only field that might have a comma in it. */
const row = /^(\d+), (.+), ([^,]+), ([^,]+), ([^,]+)$/;

const bytesOf = (mebibytes: string): number | null =>
  /^\d+$/.test(mebibytes) ? Number(mebibytes) * mebibyte : null;
