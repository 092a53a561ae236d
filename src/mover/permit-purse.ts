/**
 * Spends what has been permitted, and asks for more only when that is used up: a question to another process for each piece would
 * cost more than the piece.
 */
export function permitPurse(ask: (bytes: number) => Promise<number>): (bytes: number) => Promise<void> {
  let permittedBytes = 0;
  let turn: Promise<void> = Promise.resolve();
  const spend = async (bytes: number): Promise<void> => {
    if (permittedBytes < bytes) permittedBytes += await ask(bytes - permittedBytes);
    permittedBytes -= bytes;
  };
  return (bytes) => {
    // One after the other: two that ask at once would both wait for what one of them gets.
    turn = turn.then(
      () => spend(bytes),
      () => spend(bytes),
    );
    return turn;
  };
}
