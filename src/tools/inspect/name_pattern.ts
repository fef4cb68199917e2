// Names by pattern: part of a name, or a whole one with `*` and `?`.

/** True for names that the pattern means; capitals count. Takes the product of both lengths. */
export function matchesName(pattern: string, name: string): boolean {
  return /[*?]/.test(pattern) ? matchesGlob(pattern, name) : name.includes(pattern);
}

/** A regular expression of many stars could take forever: this goes back to the last star alone. */
function matchesGlob(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let i = 0; i < name.length;) {
    if (pattern[at] === "*") {
      star = at++;
      resume = i;
    } else if (pattern[at] === "?" || pattern[at] === name[i]) {
      at++;
      i++;
    } else if (star >= 0) {
      at = star + 1;
      i = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}
