export function hashSources(directory: string): string;
