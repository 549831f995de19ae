import { z } from 'zod';
import { float32From, type NamedArray } from '../arrays/named.js';
import { defectIn } from '../defect.js';
import { elementsOf } from '../savedModel.js';

const entrySchema = z.object({
  name: z.string(),
  shape: z.array(z.number().int().nonnegative()),
  dtype: z.string(),
  quantization: z.unknown().optional(),
  /** `optimizer` marks what `model.save` with `includeOptimizer` adds. */
  group: z.string().optional(),
});

const manifestSchema = z.array(
  z.object({ paths: z.array(z.string()), weights: z.array(entrySchema) }),
);

/** A weight of the manifest with its numbers. */
interface ManifestArray extends NamedArray {
  readonly ofOptimizer: boolean;
}

/**
 * The weights of a `weightsManifest`: groups of files, in each of which the numbers lie one after another, in the
 * order of its list.
 *
 * @param readNumbers reads a file beside `model.json`
 * @throws MODEL_FILE where one is cut short, or is not float32; what `readNumbers` throws
 */
export async function readManifest(
  json: unknown,
  file: string,
  readNumbers: (path: string) => Promise<Uint8Array>,
): Promise<ManifestArray[]> {
  const manifest = manifestSchema.safeParse(json);
  if (!manifest.success) throw defectIn(file, 'has a weightsManifest that cannot be read');
  const groups = manifest.data.map(async ({ paths, weights }) => {
    const bytes = Buffer.concat(await Promise.all(paths.map(readNumbers)));
    let offset = 0;
    return weights.map((entry) => {
      refuseOtherNumbers(entry, file);
      const { name, shape, group } = entry;
      const begin = offset;
      offset += elementsOf(shape) * Float32Array.BYTES_PER_ELEMENT;
      const values = float32From(bytes.subarray(begin, offset), shape);
      if (values !== null) return { name, shape, values, ofOptimizer: group === 'optimizer' };
      throw defectIn(file, `has a weight ${name} that is cut short, in ${paths.join(', ')}`);
    });
  });
  return (await Promise.all(groups)).flat();
}

function refuseOtherNumbers(
  { name, dtype, quantization }: z.infer<typeof entrySchema>,
  file: string,
): void {
  if (dtype === 'float32' && quantization === undefined) return;
  const how = quantization === undefined ? `of type ${dtype}` : 'quantized';
  throw defectIn(
    file,
    `has a weight ${name} that is ${how}, not float32`,
    'Save it anew, without quantization.',
  );
}
