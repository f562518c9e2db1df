import type { MeasuredChild } from '../process/child.ts';
import type { ProtocolName } from './protocols.ts';

/** A registry in a process of its own. */
export interface Contender {
  readonly title: string;
  readonly protocol: ProtocolName;
  readonly url: string;
  /** What its calls carry besides. */
  readonly headers: Readonly<Record<string, string>>;
  /** Resident megabytes: its own, and those of the store that it keeps its instances in. */
  memory(): Promise<{ readonly own: number; readonly store: number }>;
  /** Where it can be profiled. */
  readonly child?: MeasuredChild;
  stop(): Promise<void>;
}
