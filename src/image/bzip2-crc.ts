/** bzip2's CRC-32: that of zlib with the bits the other way round. Four tables, one for each byte of a word. */
const CRC_TABLES = crcTables();

function crcTables(): readonly [Uint32Array, Uint32Array, Uint32Array, Uint32Array] {
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte << 24;
    for (let bit = 0; bit < 8; bit += 1) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
    return crc;
  });
  const after = (table: Uint32Array) => table.map((crc) => (crc << 8) ^ (first[crc >>> 24] ?? 0));
  const second = after(first);
  const third = after(second);
  return [first, second, third, after(third)];
}

/** Continues the checksum of what came before. */
export function bzip2Crc(bytes: Uint8Array, before: number): number {
  const [one, two, three, four] = CRC_TABLES;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const words = bytes.length & -4;
  let crc = ~before;
  for (let at = 0; at < words; at += 4) {
    crc ^= view.getInt32(at);
    crc =
      (four[crc >>> 24] ?? 0) ^
      (three[(crc >>> 16) & 0xff] ?? 0) ^
      (two[(crc >>> 8) & 0xff] ?? 0) ^
      (one[crc & 0xff] ?? 0);
  }
  for (let at = words; at < bytes.length; at += 1) crc = (crc << 8) ^ (one[(crc >>> 24) ^ (bytes[at] ?? 0)] ?? 0);
  return ~crc >>> 0;
}
