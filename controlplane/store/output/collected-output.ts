import type { Kysely } from 'kysely';
import type { CallbackId } from '../../../shared/model/ids.ts';
import type { StreamName } from '../../../shared/protocol/signals.ts';
import { findStepHeaders } from '../../../shared/protocol/step-header.ts';
import { noteStepHeaders } from '../attempts/note-step-headers.ts';
import type { Schema } from '../schema.ts';
import { appendChunk } from './append-chunk.ts';

/** The end of the stored output of each stream of a process, in bytes. */
export type OutputEnds = Readonly<Record<StreamName, number>>;

/** Output that the control plane has fetched from a container without an agent. */
export interface CollectedPiece {
  readonly callbackId: CallbackId;
  readonly processId: string;
  readonly stream: StreamName;
  readonly offset: number;
  readonly bytes: Buffer;
}

export async function readOutputEnds(db: Kysely<Schema>, attemptId: number, processId: string): Promise<OutputEnds> {
  const rows = await db
    .selectFrom('outputStream')
    .select(['stream', 'endOffset'])
    .where('attemptId', '=', attemptId)
    .where('processId', '=', processId)
    .execute();
  const endOf = (name: StreamName): number => rows.find(({ stream }) => stream === name)?.endOffset ?? 0;
  return { stdout: endOf('stdout'), stderr: endOf('stderr') };
}

/** Stores a piece. Output beyond the bounds is dropped, as for agents; the same piece again changes nothing. */
export async function appendCollected(db: Kysely<Schema>, piece: CollectedPiece): Promise<void> {
  await appendChunk(db, { ...piece, isCollected: true });
  if (piece.stream !== 'stdout') return;
  await noteStepHeaders(db, piece.callbackId, findStepHeaders({ offset: piece.offset, data: piece.bytes }));
}
