const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * The age of something, in a form that shows lateness.
 * @param {number} milliseconds
 */
export function relativeTime(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  if (seconds < 2 * MINUTE) return `${seconds} s ago`;
  if (seconds < 2 * HOUR) return `${Math.floor(seconds / MINUTE)} min ago`;
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)} h ago`;
  return `${Math.floor(seconds / DAY)} days ago`;
}

/**
 * Whether a heartbeat is overdue: most of its lease has passed.
 * @param {number} milliseconds since the last one
 * @param {number} lease in milliseconds
 */
export function isLate(milliseconds, lease) {
  return milliseconds > (lease * 2) / 3 + 1_000;
}
