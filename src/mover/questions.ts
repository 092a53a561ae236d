import { errorOf } from './faults';
import type { Fault } from './faults';

interface Asked {
  readonly resolve: (permitted: number) => void;
  readonly reject: (error: unknown) => void;
}

/** Questions that are on their way, each of which gets one answer. */
export class Questions<Question> {
  private lastId = 0;
  private readonly asked = new Map<number, Asked>();

  constructor(private readonly send: (id: number, question: Question) => void) {}

  ask(question: Question): Promise<number> {
    const id = (this.lastId += 1);
    return new Promise((resolve, reject) => {
      this.asked.set(id, { resolve, reject });
      this.send(id, question);
    });
  }

  answered(id: number, permitted: number, fault: Fault | null): void {
    const asked = this.asked.get(id);
    this.asked.delete(id);
    if (fault) asked?.reject(errorOf(fault));
    else asked?.resolve(permitted);
  }
}
