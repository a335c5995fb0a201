import type { ConfigurationAnswer, SettingView } from './configuration-views.ts';

/** What the node that answers was started with. */
export interface ConfigurationService {
  readConfiguration(): ConfigurationAnswer;
}

export function createConfigurationService(node: {
  readonly name: string;
  readonly version: string;
  readonly settings: readonly SettingView[];
}): ConfigurationService {
  const { name, version, settings } = node;
  return { readConfiguration: () => ({ node: name, version, settings: [...settings] }) };
}
