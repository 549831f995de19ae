import { z } from 'zod';

const positive = z.number().positive();
const notNegative = z.number().nonnegative();

/** By what gradients are compressed to. */
const ratesSchema = z.strictObject({ float16: positive, bfloat16: positive });

/** What a message takes longer than others, drawn for each. */
const jitterSchema = z.discriminatedUnion('distribution', [
  z.strictObject({ distribution: z.literal('none') }),
  /** From 0 to `microseconds`. */
  z.strictObject({ distribution: z.literal('uniform'), microseconds: notNegative }),
  /** Mostly little, now and then much: `microseconds` is the mean. */
  z.strictObject({ distribution: z.literal('exponential'), microseconds: notNegative }),
]);

export type Jitter = z.infer<typeof jitterSchema>;

/**
 * A virtual network, as its file has it. GB are 10^9 bytes, as Gbit are 10^9 bits. See docs/scaling.md for what
 * is made of it.
 */
export const networkSchema = z.strictObject({
  name: z.string().min(1).max(60),
  /** For people. */
  description: z.string().max(1000),
  /** Between any two hosts: each has one adapter, which sends and receives at once (full duplex). */
  link: z.strictObject({
    gigabitsPerSecond: positive,
    /** Share of those bits that is payload; the rest are headers and gaps between packets. */
    payloadShare: positive.max(1),
    /** One way. */
    latencyMicroseconds: notNegative,
    jitter: jitterSchema.default({ distribution: 'none' }),
  }),
  host: z.strictObject({
    /** How many ranks it has; the last host may have less. */
    ranks: z.number().int().positive(),
    /** Cores that its ranks share, rank modulo cores; null: each rank has one of its own. */
    cores: z.number().int().positive().nullable(),
    /** Of a message from one rank of the host to another, through sockets. */
    latencyMicroseconds: notNegative,
    /** Read and written by all of the host's ranks together. */
    memoryGigabytesPerSecond: positive,
    /** Until a rank sees what another has flagged in shared memory. */
    signalMicroseconds: notNegative,
  }),
  /** What a rank's core takes for what it does besides training. */
  processor: z.strictObject({
    /** For each message that it sends, whatever its length. */
    sendMicroseconds: notNegative,
    /** For each message that it receives. */
    receiveMicroseconds: notNegative,
    /** From a process to its sockets, and from them to a process. */
    copyGigabytesPerSecond: positive,
    /** Of float32 that it adds to other float32. */
    addGigabytesPerSecond: positive,
    /** Of float32 that it writes in half of the bits. */
    encodeGigabytesPerSecond: ratesSchema,
    /** Of float32 that it reads from half of the bits. */
    decodeGigabytesPerSecond: ratesSchema,
  }),
  /** A processor of its own, on a host of its own, with the same adapter as the others. */
  coordinator: z.strictObject({
    /** For each contribution: to read it, and to decide. */
    contributionMicroseconds: notNegative,
    /** For each contribution and each rank that there is: the machine copies its lists of ranks. */
    contributionNanosecondsPerRank: notNegative,
    /** Of float32 gradients that it averages (star). */
    averageGigabytesPerSecond: positive,
  }),
  /** Ranks that take `times` as long for all that they do. */
  slow: z
    .array(
      z.strictObject({ ranks: z.array(z.number().int().nonnegative()).min(1), times: positive }),
    )
    .default([]),
});

export type NetworkDescription = z.infer<typeof networkSchema>;
