import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DECODERS } from '../src/image/decode';

const MIB = 1024 * 1024;
const ROUNDS = 3;
const SAMPLES = ['text', 'logs', 'noise', 'mixed'];
const CODECS = ['zlib', 'bz2', 'zstd'] as const;

/** As a repository gives an object: in pieces, here of 1 MiB. */
async function* inPieces(stored: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < stored.length; at += MIB) yield stored.subarray(at, at + MIB);
}

/** MB of output in a second of processor time, on all threads together. */
async function speed(codec: (typeof CODECS)[number], stored: Uint8Array): Promise<number> {
  const before = process.cpuUsage();
  let lengthBytes = 0;
  for await (const piece of DECODERS[codec](inPieces(stored))) lengthBytes += piece.length;
  const { user, system } = process.cpuUsage(before);
  return lengthBytes / (user + system);
}

/** The median of a few rounds, after one that compiles. */
async function medianSpeed(codec: (typeof CODECS)[number], stored: Uint8Array): Promise<number> {
  const speeds: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) speeds.push(await speed(codec, stored));
  return speeds.slice(1).sort((one, other) => one - other)[ROUNDS >> 1] ?? 0;
}

async function main(folder: string): Promise<void> {
  console.log('MB/s per core'.padEnd(24), ...SAMPLES.map((name) => name.padStart(7)));
  for (const codec of CODECS) {
    const files = SAMPLES.map((name) => join(folder, `${name}.${codec}`)).filter(existsSync);
    const figures: string[] = [];
    for (const file of files) figures.push((await medianSpeed(codec, readFileSync(file))).toFixed(0).padStart(7));
    console.log(`${codec} by ours`.padEnd(24), ...figures);
  }
}

void main(process.argv[2] ?? '.cache/codecs');
