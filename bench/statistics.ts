export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}

export function spread(numbers: readonly number[]): { min: number; median: number } {
  return { min: Math.min(...numbers), median: median(numbers) };
}
