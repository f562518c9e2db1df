import type { MeasuredProcess } from '../process/measured-process.ts';
import type { RegistryProtocolName } from './protocols.ts';

/** A registry in a process of its own. */
export interface RegistryUnderTest {
  readonly title: string;
  readonly protocol: RegistryProtocolName;
  readonly url: string;
  /** Sent with each of its calls. */
  readonly headers: Readonly<Record<string, string>>;
  /** Resident megabytes of the process, and of the Redis that stores its instances. */
  memory(): Promise<{ readonly own: number; readonly store: number }>;
  /** Its process, where it can be profiled. */
  readonly child?: MeasuredProcess;
  stop(): Promise<void>;
}
