/** All of the cases, or those that one of the names is for; `namesOf` gives a case's names, the fullest one last. */
export function choose(cases, namesOf, names) {
  const unknown = names.find((name) => !cases.some((each) => namesOf(each).includes(name)));
  if (unknown !== undefined) {
    const known = cases.map((each) => namesOf(each).at(-1)).join(', ');
    throw new Error(`there is no case '${unknown}': use ${known}, or less of such a name`);
  }
  if (names.length === 0) return cases;
  return cases.filter((each) => names.some((name) => namesOf(each).includes(name)));
}
