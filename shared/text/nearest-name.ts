// Up to a third of the letters may differ: "memroy" probably means "memory", but "foo" means no known name.
const MOST_DIFFERENT = 1 / 3;
// Longer than any name of ECS. Longer texts are not compared, because the time grows with the product of both lengths.
const LONGEST = 80;

/** Returns the known name that was probably meant; null when no name is similar. */
export function nearestName(given: string, known: readonly string[]): string | null {
  if (given.length > LONGEST) return null;
  const ranked = known
    .map((name) => ({ name, distance: editDistance(given.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const [first] = ranked;
  return first && first.distance <= Math.max(given.length, first.name.length) * MOST_DIFFERENT ? first.name : null;
}

/** Returns the hint about an unknown name: the name that was probably meant, otherwise all known names. */
export function instead(given: string, known: readonly string[]): string {
  const nearest = nearestName(given, known);
  if (nearest !== null) return `; perhaps "${nearest}" is meant`;
  return known.length === 0 ? '' : `; there ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}`;
}

/** How many letters are added, left out, changed or swapped with the next one: "frist" is one mistake, and no two. */
function editDistance(a: string, b: string): number {
  let twoAbove: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const changed = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const isSwapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const swapped = isSwapped ? (twoAbove[column - 2] ?? 0) + 1 : Infinity;
      current.push(Math.min(changed, swapped, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    twoAbove = above;
    above = current;
  }
  return above[b.length] ?? 0;
}
