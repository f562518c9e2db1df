import type { MeasuredProcess } from '../process/measured-process.ts';
import type { RegistryProtocolName } from './protocols.ts';

/** A registry in a process of its own. */
export interface RegistryUnderTest {
  readonly title: string;
  readonly protocol: RegistryProtocolName;
  readonly url: string;
  /** What its calls carry besides. */
  readonly headers: Readonly<Record<string, string>>;
  /** Resident megabytes: its own, and those of the store that it keeps its instances in. */
  memory(): Promise<{ readonly own: number; readonly store: number }>;
  /** Where it can be profiled. */
  readonly child?: MeasuredProcess;
  stop(): Promise<void>;
}
