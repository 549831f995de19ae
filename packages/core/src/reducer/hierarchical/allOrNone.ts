/** Something that is to be given back; null: nothing. */
type Closable = { close(): Promise<void> } | null;

/** All of them; if one fails, the others are closed as they come, and its error is thrown when all have ended. */
export async function allOrNone<Parts extends readonly Closable[]>(
  ...parts: { [Index in keyof Parts]: Promise<Parts[Index]> }
): Promise<Parts> {
  const results = await Promise.allSettled<Closable>(parts);
  const failed = results.find((result) => result.status === 'rejected');
  const values = results.map((result) => (result.status === 'fulfilled' ? result.value : null));
  if (failed === undefined) return values as unknown as Parts;
  await Promise.all(values.map((value) => value?.close()));
  throw failed.reason;
}
