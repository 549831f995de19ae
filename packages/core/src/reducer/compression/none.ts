import type { KernelMemory } from '../kernels/kernelMemory.js';
import type { Codec } from './codec.js';

/** The float32 numbers themselves. Nothing is lost, so the residual is not looked at. */
export function noCompression(memory: KernelMemory): Codec {
  return {
    compression: 'none',
    bytesPerElement: 4,
    encode: (values, into) => floatsOf(into).set(values),
    decode: (from, into) => into.set(floatsOf(from)),
    decodeAdd: (from, into) => memory.add(into, floatsOf(from)),
  };
}

const floatsOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Float32Array =>
  new Float32Array(buffer, byteOffset, byteLength / Float32Array.BYTES_PER_ELEMENT);
