/**
 * Owns numbers in words for people: sizes in decimal units (as disks and networks are sold), times, shares.
 * Pure.
 */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'] as const;

/** `999 B`, `1.50 kB`, `12.3 MB`, `456 GB`: three digits, so that a column stays narrow. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  // From 999.5 on three digits round up to 1000, which is 1.00 of the next unit.
  while (value >= (unit === 0 ? 1000 : 999.5) && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  if (unit === 0) return `${Math.round(value)} B`;
  const decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return `${value.toFixed(decimals)} ${UNITS[unit]}`;
}

export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

/** `0.4 s`, `45 s`, `2 min 5 s`, `3 h 20 min`, `2 d 4 h`: at most two units, rounded down. */
export function formatDuration(seconds: number): string {
  if (seconds < 10) return `${Math.floor(Math.max(0, seconds) * 10) / 10} s`;
  const whole = Math.floor(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return twoUnits(Math.floor(whole / 60), 'min', whole % 60, 's');
  if (whole < 86_400) return twoUnits(Math.floor(whole / 3600), 'h', Math.floor((whole % 3600) / 60), 'min');
  return twoUnits(Math.floor(whole / 86_400), 'd', Math.floor((whole % 86_400) / 3600), 'h');
}

/** Time left in words; coarse, because it is a guess. */
export function formatEta(seconds: number | null): string {
  if (seconds === null) return 'time left unknown';
  if (seconds >= 100 * 86_400) return 'months left';
  if (seconds < 60) return `${Math.max(1, Math.ceil(seconds))} s left`;
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min left`;
  return `${formatDuration(seconds)} left`;
}

/** `0%` to `100%` with one decimal between; rounded down, so that 100% means all of it. */
export function formatShare(part: number, whole: number): string {
  if (whole <= 0 || part >= whole) return '100%';
  if (part <= 0) return '0%';
  return `${(Math.floor((part / whole) * 1000) / 10).toFixed(1)}%`;
}

/** `1 peer`, `2 peers`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function twoUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
