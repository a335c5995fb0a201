/**
 * What a person who reads config.ini would call a mistake and a parser takes: a key that is given twice, of which only
 * the last would hold, and one before any section. A sentence for each.
 */
export function findOddLines(text: string): string[] {
  const firstLines = new Map<string, number>();
  let section: string | null = null;
  return text.split(/\r?\n/).flatMap((whole, index) => {
    const line = whole.trim();
    const [, header] = /^\[([^\]]*)\]$/.exec(line) ?? [];
    if (header !== undefined) {
      section = header;
      return [];
    }
    const [, key] = /^([^;#=][^=]*?)\s*(?:=|$)/.exec(line) ?? [];
    if (key === undefined) return [];
    if (section === null) return [`line ${index + 1}: ${key} stands before any section`];
    const name = `[${section}] ${key}`;
    const first = firstLines.get(name);
    if (first !== undefined) return [`${name} is given twice, in lines ${first} and ${index + 1}`];
    firstLines.set(name, index + 1);
    return [];
  });
}
