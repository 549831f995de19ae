/** What cannot be had is a row that says why, not the end of the comparison: `{value}` or `{reason}`. */
export async function attempt(find) {
  try {
    return { value: await find() };
  } catch (error) {
    return { reason: error.message };
  }
}
