import { defectIn } from './defect.js';

export type Json = Record<string, unknown>;

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * @param what the JSON is, to follow `has no readable`: `model_config`
 * @throws MODEL_FILE where the text is no JSON object
 */
export function parseRecord(text: string, file: string, what: string): Json {
  try {
    // Python writes numbers that JSON does not have; no setting of a model that can be trained is one of them.
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch (cause) {
    throw defectIn(file, `has no readable ${what}: ${(cause as Error).message}`, undefined, cause);
  }
  throw defectIn(file, `has no readable ${what}: it is no JSON object`);
}
