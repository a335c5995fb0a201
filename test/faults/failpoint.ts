import { pointName, type NodeOrder } from './node-order.ts';

/** Lets a node die at the failpoints of its order. `die` never returns. */
export function createFailpoint(
  { dieAt, dieAtNewPoint, isSparedUntilSave }: Pick<NodeOrder, 'dieAt' | 'dieAtNewPoint' | 'isSparedUntilSave'>,
  die: (point: string) => Promise<never>,
): (name: string, where?: string) => Promise<void> {
  let visits = 0;
  let isDying = false;
  let isSpared = isSparedUntilSave;
  const known = dieAtNewPoint && new Set(dieAtNewPoint);
  return async (name, where) => {
    const point = pointName(name, where);
    if (dieAt && name === dieAt.failpoint) visits += 1;
    const isNew = known !== null && !known.has(point) && !known.has(name);
    const isHit = (dieAt && name === dieAt.failpoint && visits === dieAt.visit) || (isNew && !isSpared);
    if (name.startsWith('after-save')) isSpared = false;
    if (isDying || isHit) {
      isDying = true;
      await die(point);
    }
  };
}
