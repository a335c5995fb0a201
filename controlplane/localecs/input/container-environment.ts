/** Throws for variables that no environment can hold: the message becomes the task's stop reason. */
export function refuseImpossibleVariables(environment: Readonly<Record<string, string>>): void {
  const impossible = Object.entries(environment).find(
    ([name, value]) => name === '' || /[=\0]/.test(name) || value.includes('\0'),
  );
  if (!impossible) return;
  throw new Error(`CannotStartContainerError: the variable ${JSON.stringify(impossible[0])} fits into no environment`);
}
