/** The methods that the engine calls beside the table of a class. What they answer counts for nothing. */
export const LIFE_CYCLE_HOOKS = [
  'onAdd',
  'onRestart',
  'onStart',
  'onSignal',
  'onStatusChange',
  'onWait',
  'onTerminate',
  'onFail',
  'onFinish',
  'cleanUp',
] as const;
