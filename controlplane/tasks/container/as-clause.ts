/** Returns a sentence as the end of another one: without its full stop, a capital first word in small letters. */
export function asClause(sentence: string): string {
  const text = sentence.trim().replace(/\.$/, '');
  // "ECS has no room", "RESOURCE:MEMORY" and "StopTask failed" keep their capitals, "The cluster is full" does not.
  return /^(A |[A-Z][a-z]+(?![A-Za-z]))/.test(text) ? text[0]!.toLowerCase() + text.slice(1) : text;
}
