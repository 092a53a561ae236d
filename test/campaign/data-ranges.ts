/** lseek(2) */
const SEEK_DATA = 3;
const SEEK_HOLE = 4;

/** Where a file has data, from an offset on; everywhere else it reads zero. */
export async function dataOf(
  fd: number,
  fromBytes: number,
  sizeBytes: number,
): Promise<[begin: number, end: number][]> {
  const { default: koffi } = await import('koffi');
  const lseek = koffi.load(null).func('int64_t lseek(int fd, int64_t offset, int whence)') as (
    fd: number,
    offsetBytes: number,
    whence: number,
  ) => number | bigint;
  const ranges: [number, number][] = [];
  for (let at = fromBytes; at < sizeBytes;) {
    const begin = Number(lseek(fd, at, SEEK_DATA));
    // ENXIO: none follows.
    if (begin < 0) break;
    const end = Number(lseek(fd, begin, SEEK_HOLE));
    ranges.push([begin, end]);
    at = end;
  }
  return ranges;
}
