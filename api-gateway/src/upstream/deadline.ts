/** A timer that is set again and again, for one thing at a time. */
export interface Deadline {
  /** Calls `missed` after so many milliseconds, unless it is set again or cleared before. */
  set(milliseconds: number, missed: () => void): void;
  clear(): void;
}

export function createDeadline(): Deadline {
  let timer: NodeJS.Timeout | undefined;
  return {
    set: (milliseconds, missed) => {
      clearTimeout(timer);
      timer = setTimeout(missed, milliseconds);
    },
    clear: () => clearTimeout(timer),
  };
}
