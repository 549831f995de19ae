import { type NetworkDescription, networkSchema } from './description.js';

/** 1 GB/s, 100 us; within a host 10 GB/s, 10 us. Nothing else costs anything. */
export const plainNetwork: NetworkDescription = networkSchema.parse({
  name: 'plain',
  description: '',
  link: { gigabitsPerSecond: 8, payloadShare: 1, latencyMicroseconds: 100 },
  host: {
    ranks: 1,
    cores: null,
    latencyMicroseconds: 10,
    memoryGigabytesPerSecond: 10,
    signalMicroseconds: 0,
  },
  processor: {
    sendMicroseconds: 0,
    receiveMicroseconds: 0,
    copyGigabytesPerSecond: 1e9,
    addGigabytesPerSecond: 1e9,
    encodeGigabytesPerSecond: { float16: 1e9, bfloat16: 1e9 },
    decodeGigabytesPerSecond: { float16: 1e9, bfloat16: 1e9 },
  },
  coordinator: {
    contributionMicroseconds: 0,
    contributionNanosecondsPerRank: 0,
    averageGigabytesPerSecond: 1e9,
  },
});
