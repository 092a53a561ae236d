import type { Dice } from './dice';

const WORDS = ['volume', 'backup', 'the', 'of', 'cinder', 'restore', 'chain', ' ', ' ', ' ', '\n', '0000', 'ü', 'a'];

/** Bytes as disks hold them; each kind leads compressors down another path. */
const KINDS: readonly ((dice: Dice, lengthBytes: number) => Buffer)[] = [
  (dice, lengthBytes) => dice.noise(lengthBytes),
  (dice, lengthBytes) => Buffer.alloc(lengthBytes, dice.between(1, 255)),
  (dice, lengthBytes) => Buffer.alloc(lengthBytes, dice.noise(dice.between(1, 300))),
  text,
  skewed,
  sparse,
];

export function someContent(dice: Dice, lengthBytes: number): Buffer {
  return dice.pick(KINDS)(dice, lengthBytes);
}

function text(dice: Dice, lengthBytes: number): Buffer {
  const words: string[] = [];
  for (let length = 0; length < lengthBytes;) {
    const word = dice.pick(WORDS);
    words.push(word);
    length += Math.max(1, word.length);
  }
  return Buffer.from(words.join('')).subarray(0, lengthBytes);
}

/** Some bytes are far more frequent than others: what Huffman codes are for. */
function skewed(dice: Dice, lengthBytes: number): Buffer {
  const bytes = dice.noise(lengthBytes);
  const other = dice.noise(lengthBytes);
  for (let at = 0; at < lengthBytes; at += 1) bytes[at] = (bytes[at]! * other[at]!) >> 10;
  return bytes;
}

function sparse(dice: Dice, lengthBytes: number): Buffer {
  const bytes = Buffer.alloc(lengthBytes);
  for (let count = dice.between(0, 20); count > 0; count -= 1) {
    bytes[dice.between(0, lengthBytes - 1)] = dice.between(1, 255);
  }
  return bytes;
}
