import type { BuildStep } from '../../../shared/protocol/build-export.ts';
import type { OutputPart } from '../build-output.ts';
import { createMarkReader, type StepMark } from './step-marks.ts';
import { shownCommand } from './step-script.ts';

/** Takes the marks out of what the step writes, and puts the command that begins in the place of each. */
export function stepReader(step: BuildStep, key: string, marks: StepMark[]): StepReader {
  const reader = createMarkReader(key);
  return {
    push: (data) =>
      reader.push(data).flatMap((part): OutputPart[] => {
        if (part instanceof Uint8Array) return [part];
        marks.push(part);
        return part.kind === 'begin' ? part.indexes.map((index) => shownCommand(step.script[index] ?? '')) : [];
      }),
    end: () => [reader.end()],
  };
}

export interface StepReader {
  push(data: Buffer): OutputPart[];
  end(): OutputPart[];
}

/** A message of bash that is longer has no command of a build file as its cause (chosen). */
const TAIL_BYTES = 4096;

/** Passes everything on as it is, and keeps the end of it. */
export function createTail(): StepReader & { text(): string } {
  let tail = Buffer.alloc(0);
  return {
    push(data) {
      tail = Buffer.concat([tail, data.subarray(-TAIL_BYTES)]).subarray(-TAIL_BYTES);
      return [data];
    },
    end: () => [],
    text: () => tail.toString(),
  };
}
