import { describe, expect, it } from 'vitest';
import { withFormat } from './exchange.js';

const values = { output: 'model.keras', format: null, json: false };

describe('the format to write', () => {
  it("is that of the file's ending, unless it is given", () => {
    expect(withFormat(values)).toEqual({ ...values, format: 'keras' });
    expect(withFormat({ ...values, output: 'web', format: 'tfjs' }).format).toBe('tfjs');
    expect(withFormat({ ...values, output: 'A.H5' }).format).toBe('h5');
  });

  it('must be known', () => {
    expect(() => withFormat({ ...values, output: 'model' })).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: '--output model does not say which format to write',
        hint: 'Give --format: keras, h5, tfjs, json, safetensors, npz, saved-model.',
      }),
    );
  });
});
