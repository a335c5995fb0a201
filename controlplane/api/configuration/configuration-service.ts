import type { ConfigurationAnswer, SettingView } from './configuration-views.ts';

/** Reads the settings with which the answering node was started. */
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
