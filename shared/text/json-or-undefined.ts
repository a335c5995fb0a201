/** Returns undefined for text that is not JSON. A proxy in between may answer anything, so a schema checks the result. */
export function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema of the caller refuses undefined
  }
}
