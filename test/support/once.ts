/** What several tests look at, and none changes: made when it is first asked for, once for each list of words. */
export function once<Result>(
  make: (...words: string[]) => Promise<Result>,
): (...words: string[]) => Promise<Result> {
  const made = new Map<string, Promise<Result>>();
  return (...words) => {
    const key = words.join(' ');
    const result = made.get(key) ?? make(...words);
    made.set(key, result);
    return result;
  };
}
