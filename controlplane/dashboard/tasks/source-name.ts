/** The end of a repository's address, as people name it: `shop/storefront`. */
export function sourceName(repository: string): string {
  const parts = repository
    .replace(/\.git$/, '')
    .split(/[/:]/)
    .filter((part) => part !== '');
  return parts.slice(-2).join('/');
}
