/** The parts of an answer of DescribeTasks that tell which container is the build's. */
interface ListedTask<Listed> {
  readonly containers?: readonly Listed[] | null | undefined;
  readonly overrides?:
    | {
        readonly containerOverrides?:
          | readonly {
              readonly name?: string | null | undefined;
              readonly environment?: readonly { readonly name?: string | null | undefined }[] | null | undefined;
            }[]
          | null
          | undefined;
      }
    | null
    | undefined;
}

interface Named {
  readonly name?: string | null | undefined;
}

/** The variable that RunTask gives to the build's container and to no other one, with an agent and without. */
const OF_THE_BUILD = 'SIGNAL_URL';

/**
 * Returns the build's container of a task; undefined when the answer of ECS does not list it. Beside it there may be helpers of
 * the definition, and containers that AWS adds to every task (GuardDuty, Service Connect), in any order. ECS shows with a
 * task the overrides of its RunTask: the name there is that of the build's container in the definition.
 */
export function findBuildContainer<Listed extends Named>(task: ListedTask<Listed>): Listed | undefined {
  const containers = task.containers ?? [];
  const build = task.overrides?.containerOverrides?.find(({ environment }) =>
    environment?.some(({ name }) => name === OF_THE_BUILD),
  );
  if (build) return containers.find(({ name }) => name === build.name);
  // Nothing says which of several containers without these overrides is the build's, so none is taken for it.
  return containers.length === 1 ? containers[0] : undefined;
}
