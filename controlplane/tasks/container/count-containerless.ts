/**
 * Returns how many attempts are known after a launch to have had no container: the one before, if it had none, and one
 * for each cluster without room that this launch has tried. `number` is that of the attempt after the launch, `earlier`
 * that of the attempt before it.
 */
export function countContainerless(launch: {
  readonly earlier: number;
  readonly hadContainer: boolean;
  readonly number: number;
}): number {
  const { earlier, hadContainer, number } = launch;
  // A repeated launch is the same attempt.
  if (number <= earlier) return 0;
  return number - earlier - 1 + (hadContainer ? 0 : 1);
}
