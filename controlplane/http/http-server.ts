import { fastify, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { HttpWorld } from './world.ts';

/** Not listening yet: the caller says where. */
export function createHttpServer(world: HttpWorld): FastifyInstance {
  const loggerInstance: FastifyBaseLogger = world.log;
  return fastify({ loggerInstance, genReqId: world.createRequestId });
}
