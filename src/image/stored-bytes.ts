import { CodecError } from './decoder';

/** Pieces that arrive as they like, read in lengths that a format asks for. */
export class StoredBytes {
  private readonly pieces: AsyncIterator<Uint8Array>;
  private piece: Uint8Array = new Uint8Array(0);

  constructor(stored: AsyncIterable<Uint8Array>) {
    this.pieces = stored[Symbol.asyncIterator]();
  }

  /** @throws CodecError at the end */
  async take(count: number): Promise<Uint8Array> {
    while (this.piece.length < count) {
      const next = await this.next();
      this.piece = this.piece.length === 0 ? next : Buffer.concat([this.piece, next]);
    }
    const taken = this.piece.subarray(0, count);
    this.piece = this.piece.subarray(count);
    return taken;
  }

  /** As many as happen to be there. @throws CodecError at the end */
  async takePiece(): Promise<Uint8Array> {
    if (!(await this.hasMore())) throw new CodecError('it ends early');
    const taken = this.piece;
    this.piece = new Uint8Array(0);
    return taken;
  }

  /** For whoever has taken a piece and not used all of it. */
  putBack(rest: Uint8Array): void {
    this.piece = rest;
  }

  /** @throws CodecError at the end */
  async skip(count: number): Promise<void> {
    let left = count;
    for (; left > this.piece.length; this.piece = await this.next()) left -= this.piece.length;
    this.piece = this.piece.subarray(left);
  }

  async hasMore(): Promise<boolean> {
    while (this.piece.length === 0) {
      const next = await this.pieces.next();
      if (next.done === true) return false;
      this.piece = next.value;
    }
    return true;
  }

  /** For whoever stops before the end: nothing more is wanted. */
  async close(): Promise<void> {
    await this.pieces.return?.();
  }

  private async next(): Promise<Uint8Array> {
    const next = await this.pieces.next();
    if (next.done === true) throw new CodecError('it ends early');
    return next.value;
  }
}
