import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunRecord } from '@lockstep/coordinator';

/**
 * The id of a run whose coordinator died before it had saved anything: it is begun again under that id, for workers wait
 * for that run to come back. Null: there is none.
 */
export async function unsavedRun(path: string | null): Promise<string | null> {
  if (path === null) return null;
  const { stoppedBy, runId } = await readRecord(join(path, 'run.json'));
  return stoppedBy === null ? (runId ?? null) : null;
}

/** A damaged run.json is no reason not to begin. */
async function readRecord(file: string): Promise<Partial<RunRecord>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Partial<RunRecord>;
  } catch {
    return {};
  }
}
