// A sealed text opens only in the context that it was sealed for, so a value that is moved to another row is refused.

/** The final request of an effect. */
export const requestContext = (effectKey: string): string => `effect/${effectKey}/request`;

/** The private half of the SSH key that a container attempt is reached with. */
export const clientKeyContext = (attemptUuid: string): string => `container_attempt/${attemptUuid}/client_key`;

/** A secret option of a task. */
export const optionContext = (taskUuid: string, name: string): string => `task/${taskUuid}/option/${name}`;
