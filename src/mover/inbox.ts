/** Messages in the order in which they came, for one who takes them one after the other. */
export class Inbox<Message> {
  private readonly messages: Message[] = [];
  private failure: Error | null = null;
  private wake: () => void = () => undefined;

  put(message: Message): void {
    this.messages.push(message);
    this.wake();
  }

  /** No more will come: whoever has taken those that are there gets the error. */
  fail(error: Error): void {
    this.failure ??= error;
    this.wake();
  }

  async next(): Promise<Message> {
    for (;;) {
      const message = this.messages.shift();
      if (message !== undefined) return message;
      if (this.failure) throw this.failure;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }
}
