import { rm } from 'node:fs/promises';
import { run } from './command';
import { scriptPath } from './python';

/** What this machine can do at best, in seconds. A restore can't be faster than the slower of the two. */
export interface Roofline {
  /** dd of zeros with a sync at its end, as many bytes as the image has data. */
  readonly writeSeconds: number;
  /** Decoding and hashing the data once, see machine/decode.py. */
  readonly decodeSeconds: number;
}

export interface RooflineOrder {
  readonly python: string;
  readonly requestFile: string;
  readonly dataBytes: number;
  /** On the file system of the targets. */
  readonly file: string;
}

export async function measureRoofline(order: RooflineOrder): Promise<Roofline> {
  return { writeSeconds: await write(order), decodeSeconds: await decode(order) };
}

export function rooflineSeconds({ writeSeconds, decodeSeconds }: Roofline): number {
  return Math.max(writeSeconds, decodeSeconds);
}

async function write({ file, dataBytes }: RooflineOrder): Promise<number> {
  const count = Math.ceil(dataBytes / 1024 ** 2);
  await run('sync', []);
  const startedMs = performance.now();
  await run('dd', ['if=/dev/zero', `of=${file}`, 'bs=1M', `count=${count}`, 'conv=fsync', 'status=none']);
  const seconds = (performance.now() - startedMs) / 1000;
  await rm(file);
  return seconds;
}

async function decode({ python, requestFile }: RooflineOrder): Promise<number> {
  const printed = await run(python, [scriptPath('machine', 'decode.py'), requestFile]);
  return (JSON.parse(printed) as { seconds: number }).seconds;
}
