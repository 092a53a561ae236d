export interface Gate {
  /** Resolves when somebody stands before it. */
  readonly reached: Promise<void>;
  /** Waits until it is open. */
  pass(): Promise<void>;
  /** For good. */
  open(): void;
}

/** Holds up who comes by, until the test says otherwise. */
export function gate(): Gate {
  let reach: () => void = () => undefined;
  let open: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    reached,
    open,
    pass: () => {
      reach();
      return opened;
    },
  };
}
