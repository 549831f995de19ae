export const giga = 1e9;
export const micro = 1e-6;
export const nano = 1e-9;
export const bitsPerByte = 8;
