import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The clock of one process and its children; the machine's own stays as it is. */
export interface Clock {
  /** To be started with. */
  readonly env: Readonly<Record<string, string>>;
  /** Sets it off from the machine's, from one moment to the next. 0: right again. */
  setOff(seconds: number): void;
}

/** Where it is read again: a process that reads it at each look at the clock would do nothing else. */
const READ_AGAIN_AFTER_S = 1;

/** Clocks of libfaketime, which gets between a program and libc; null where it isn't installed (Debian: `libfaketime`). */
export function clocksIn(folder: string): ((name: string) => Clock) | null {
  const library = libfaketime();
  if (library === null) return null;
  return (name) => {
    const file = path.join(folder, `${name}.clock`);
    const setOff = (seconds: number): void => writeFileSync(file, `${seconds < 0 ? '' : '+'}${seconds}s\n`);
    setOff(0);
    const env = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: `${READ_AGAIN_AFTER_S}`,
      // What is measured by the monotonic clock goes on, as it does when a machine's clock is set.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
    return { env, setOff };
  };
}

function libfaketime(): string | null {
  const folders = ['/usr/lib', '/usr/local/lib'].filter(existsSync).flatMap((top) => [
    path.join(top, 'faketime'),
    ...readdirSync(top)
      .filter((name) => name.endsWith('-linux-gnu'))
      .map((name) => path.join(top, name, 'faketime')),
  ]);
  return folders.map((folder) => path.join(folder, 'libfaketime.so.1')).find(existsSync) ?? null;
}
