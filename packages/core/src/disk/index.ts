export type { Disk, FileBeingWritten } from './disk.js';
export { type DiskFaults, MemoryDisk, PowerCut } from './memoryDisk.js';
