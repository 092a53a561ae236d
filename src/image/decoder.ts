/** No piece that a decoder yields is larger. */
export const PIECE_BYTES = 1024 * 1024;

/**
 * Stored bytes in, decoded bytes out, pulled by the consumer and in bounded memory. Reads its source to the end: whatever
 * follows the compressed data is a fault. A piece is the consumer's until he asks for the next: its memory is used again.
 * @throws CodecError for the data's faults; the source's errors pass through.
 */
export type Decoder = (stored: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

/** The stored bytes aren't what their codec says. */
export class CodecError extends Error {
  override readonly name = 'CodecError';
}
