import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { GIB } from '../../src/domain/volume';
import type { Fixture, Label } from './fixtures';

/** What a file system may take for its own notes on a file, and the rest of a block. */
const SLACK_BYTES = 1024 ** 2;

/** The file is a volume of 1 GiB with the right bytes in front, and nothing behind them. */
export async function expectContent(file: string, chain: Fixture, label: Label): Promise<void> {
  const { size, blocks } = statSync(file);
  expect(size).toBe(GIB);
  expect(blocks * 512).toBeLessThan(chain.volumeBytes + SLACK_BYTES);
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file, { end: chain.volumeBytes - 1 })) hash.update(piece as Buffer);
  expect(hash.digest('hex')).toBe(chain.contentSha256(label));
}
