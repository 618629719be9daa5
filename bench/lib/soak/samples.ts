export interface Sample {
  seconds: number;
  rssMb: number;
  cpuSeconds: number;
}

/** Least squares. */
export function slopePerHour(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number) => samples.reduce((sum, one) => sum + of(one), 0) / samples.length;
  const [x, y] = [mean((one) => one.seconds), mean((one) => one.rssMb)];
  const covariance = samples.reduce((sum, one) => sum + (one.seconds - x) * (one.rssMb - y), 0);
  const variance = samples.reduce((sum, one) => sum + (one.seconds - x) ** 2, 0);
  return variance === 0 ? 0 : Math.round((covariance / variance) * 36_000) / 10;
}
