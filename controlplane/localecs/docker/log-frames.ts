import { Transform } from 'node:stream';

/** A byte that names the stream, three of zero, and the size of the payload ("Stream format" of Docker's API). */
const HEADER_BYTES = 8;
const SIZE_AT_BYTE = 4;

/** Takes the payload out of the frames in which Docker sends the log of a container without a terminal. */
export function withoutFrames(): Transform {
  let header = Buffer.alloc(0);
  let payloadLeft = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      let rest = chunk;
      while (rest.length > 0) {
        if (payloadLeft > 0) {
          this.push(rest.subarray(0, payloadLeft));
          const taken = Math.min(payloadLeft, rest.length);
          payloadLeft -= taken;
          rest = rest.subarray(taken);
        } else {
          const missing = HEADER_BYTES - header.length;
          header = Buffer.concat([header, rest.subarray(0, missing)]);
          rest = rest.subarray(missing);
          if (header.length < HEADER_BYTES) break;
          payloadLeft = header.readUInt32BE(SIZE_AT_BYTE);
          header = Buffer.alloc(0);
        }
      }
      done();
    },
  });
}
